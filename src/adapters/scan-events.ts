import { fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type EventChunk, eventChunks, lineTexts, OtherFormatting } from "../core/event-chunks.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import { type Recovery, recoverPartition } from "../core/partition-recovery.ts";
import { type FoundItem, splitLines, splitPartition } from "../core/partition-scan.ts";
import { placed } from "../core/placed.ts";
import type { ScannedEvents } from "../ports.ts";
import { type Folder, openPlain, readFile, readFrom } from "./durable-file.ts";
import { fileFault, mixed } from "./file-faults.ts";
import { type PlacedItem, type ScanMeans, scanItems } from "./scan-chunk.ts";

export interface ScannedFile {
  readonly folder: Folder;
  readonly path: string;
  readonly form: PartitionForm;
  /** Told of a torn append at the end, which is left out. */
  readonly onTorn?: ((torn: Recovery) => void) | undefined;
}

const blockBytes = 262_144;

/** Events of a file from a byte offset on. See `Ledger.scan` for errors. */
export async function* scanEvents(file: ScannedFile, from: number, means: ScanMeans): AsyncGenerator<ScannedEvents> {
  let dialect: ScannedEvents["dialect"] | undefined;
  let next = from;
  const checked = (events: ScannedEvents): ScannedEvents => {
    if (dialect !== undefined && dialect !== events.dialect) {
      throw mixed([`one at byte ${events.offsets[0]} of ${file.path}`, "those before it"]);
    }
    ({ dialect } = events);
    next = (events.offsets.at(-1) ?? 0) + 1;
    return events;
  };
  try {
    for await (const chunk of chunksOf(file, from)) yield checked(scanItems(file.path, itemsOf(file, chunk), means));
  } catch (error) {
    if (!(error instanceof OtherFormatting)) throw error;
    // What is left is in another formatting, or torn.
    const items = (await wholeItems(file)).filter(({ offset }) => offset >= next);
    if (items.length > 0) yield checked(scanItems(file.path, items, means));
  }
}

/** Chunks of a month are counted from its start: what comes before `from` is read over. */
async function* chunksOf(file: ScannedFile, from: number): AsyncGenerator<EventChunk> {
  const isArray = file.form === "array";
  const chunks = eventChunks(file.path, file.form, blocksOf(file, isArray ? 0 : from), from);
  for await (const chunk of chunks) {
    if (chunk.start + chunk.bytes.length > from) yield chunk;
  }
}

async function* blocksOf({ folder, path }: ScannedFile, from: number): AsyncGenerator<Uint8Array> {
  const file = await openPlain(folder, path);
  if (!file) return;
  try {
    for (let at = from; ;) {
      const block = await readFrom(file, at, at + blockBytes);
      if (block.length === 0) return;
      yield block;
      at += block.length;
    }
  } catch (error) {
    throw fileFault("LEDGER_UNREADABLE", path, error);
  } finally {
    await file.close();
  }
}

function itemsOf({ path, form }: ScannedFile, chunk: EventChunk): PlacedItem[] {
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

async function wholeItems({ folder, path, form, onTorn }: ScannedFile): Promise<PlacedItem[]> {
  const bytes = await readFile(folder, path);
  if (!bytes) throw new SettlementError("LEDGER_UNREADABLE", `${path} went away while it was read; try again`);
  const torn = recoverPartition(form, bytes);
  if (torn) onTorn?.(torn);
  const split = (): { readonly text: string; readonly items: readonly FoundItem[] } => {
    const text = fromUtf8(torn?.whole ?? bytes);
    return { text, items: form === "array" ? splitPartition(text) : splitLines(text) };
  };
  const { text, items } = placed(path, split, "PARTITION_MALFORMED");
  let [chars, offset] = [0, 0];
  return items.map((item) => {
    offset += Buffer.byteLength(text.slice(chars, item.start));
    const start = offset;
    const length = Buffer.byteLength(item.text);
    [chars, offset] = [item.start + item.text.length, offset + length];
    return { ...item, offset: start, length };
  });
}
