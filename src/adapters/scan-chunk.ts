import { fromUtf8, utf8 } from "../core/bytes.ts";
import { maxTerms } from "../core/event-index.ts";
import type { EventLine } from "../core/event.ts";
import { type EventChunk, lineTexts, OtherFormatting } from "../core/event-chunks.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import type { PartitionItem } from "../core/partition-scan.ts";
import { placed } from "../core/placed.ts";
import type { EventDetails, ScannedEvents } from "../ports.ts";
import { mixed } from "./file-faults.ts";
import { readEvent } from "./read-event.ts";
import type { ScanMeans, TermKeys } from "./scan-means.ts";
import { scanPlain, writeParsedTerms } from "./scan-plain.ts";

/** An event as a file has it, bytes. */
export interface PlacedItem extends PartitionItem {
  readonly offset: number;
  readonly length: number;
}

/** A chunk, and what it takes to scan it wherever that is done. */
export interface ChunkTask {
  /** Of the file, for errors. */
  readonly path: string;
  readonly form: PartitionForm;
  readonly chunk: EventChunk;
  readonly wantsDetails: boolean;
}

/** @throws OtherFormatting, and SettlementError: see `Ledger.scan` */
export function scanChunk(task: Omit<ChunkTask, "wantsDetails">, means: ScanMeans): ScannedEvents {
  return scanPlain(task, means) ?? scanItems(task.path, itemsOf(task), means);
}

function itemsOf({ path, form, chunk }: Omit<ChunkTask, "wantsDetails">): PlacedItem[] {
  const text = placed(`${path} from byte ${chunk.start} on`, () => fromUtf8(chunk.bytes), "PARTITION_MALFORMED");
  const texts = lineTexts(form, chunk, text);
  if (!texts) throw new OtherFormatting(path);
  const isAscii = text.length === chunk.bytes.length;
  let at = chunk.start;
  return texts.map((event, position) => {
    const index = chunk.firstIndex + position;
    const length = isAscii ? event.length : utf8(event).length;
    const offset = form === "array" && index > 0 ? at + 1 : at;
    const lf = chunk.bytes.indexOf(0x0a, offset + length - chunk.start);
    at = chunk.start + lf + 1;
    return { index, line: index + (form === "array" ? 2 : 1), text: event, offset, length };
  });
}

/** @param path - of the file, for errors */
export function scanItems(path: string, items: readonly PlacedItem[], means: ScanMeans): ScannedEvents {
  const read = ({ line, index, text, offset, length }: PlacedItem): PlacedEvent => {
    const where = `${path} line ${line}, event ${index}`;
    return { ...readEvent(text, where, means.sha256), offset, length };
  };
  return flatEvents(path, items.map(read), means.keyOf);
}

/** An event, its JCS, and where it is. */
export interface PlacedEvent extends EventLine<LedgerEvent> {
  readonly offset: number;
  readonly length: number;
}

/** @throws SettlementError `LEDGER_MIXED_DIALECTS` */
export function flatEvents(path: string, events: readonly PlacedEvent[], keyOf?: TermKeys): ScannedEvents {
  const ids = Buffer.alloc(32 * events.length);
  const dialect: Dialect = events[0]?.event.dialect ?? "monthly";
  for (const [at, { event }] of events.entries()) {
    if (event.dialect !== dialect) throw mixed([`${event.id} in ${path}`, "the one before it"]);
    ids.write(event.id, 32 * at, 32, "hex");
  }
  return {
    dialect,
    count: events.length,
    ids: new Uint8Array(ids.buffer, ids.byteOffset, ids.length),
    unixMs: Float64Array.from(events, ({ event }) => event.unixMs),
    offsets: Float64Array.from(events, ({ offset }) => offset),
    lengths: Uint32Array.from(events, ({ length }) => length),
    details: keyOf && detailsOf(events, keyOf),
  };
}

function detailsOf(events: readonly PlacedEvent[], keyOf: TermKeys): EventDetails {
  const lineEnds = new Uint32Array(events.length);
  const terms = new Float64Array(maxTerms * events.length);
  const text = `${events.map(({ line }) => line).join("\n")}\n`;
  const lines = utf8(text);
  const isAscii = lines.length === text.length;
  let lineBytes = 0;
  for (const [at, { event, line }] of events.entries()) {
    lineEnds[at] = lineBytes += (isAscii ? line.length : Buffer.byteLength(line)) + 1;
    writeParsedTerms(event, keyOf, terms, maxTerms * at);
  }
  return { lines, lineEnds, terms };
}
