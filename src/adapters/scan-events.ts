import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type EventChunk, eventChunks, OtherFormatting } from "../core/event-chunks.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import { type Recovery, recoverPartition } from "../core/partition-recovery.ts";
import { type FoundItem, splitLines, splitPartition } from "../core/partition-scan.ts";
import { placed } from "../core/placed.ts";
import type { ScannedEvents } from "../ports.ts";
import { factsOf, type Folder, openPlain, readFile, readFrom } from "./durable-file.ts";
import { fileFault, mixed } from "./file-faults.ts";
import { type ChunkTask, type PlacedItem, scanChunk, type ScanMeans, scanItems } from "./scan-chunk.ts";

export interface ScannedFile {
  readonly folder: Folder;
  readonly path: string;
  readonly form: PartitionForm;
  /** Told of a torn append at the end, which is left out. */
  readonly onTorn?: ((torn: Recovery) => void) | undefined;
}

const blockBytes = 262_144;

/** Scans chunks on other threads. */
export interface ScanPool extends AsyncDisposable {
  /** Chunks that may be under way at once. */
  readonly width: number;
  /** @returns undefined where the chunk was not scanned: whoever asked scans it, and finds what is wrong with it */
  scan(task: ChunkTask): Promise<ScannedEvents | undefined>;
}

/** Opens a pool for a scan of so many bytes, or none where it is not worth it. */
export type OpenScanPool = (bytes: number) => ScanPool | undefined;

export interface FileScanMeans extends ScanMeans {
  readonly openPool?: OpenScanPool | undefined;
}

/** Events of a file from a byte offset on. See `Ledger.scan` for errors. */
export async function* scanEvents(
  file: ScannedFile,
  from: number,
  means: FileScanMeans,
): AsyncGenerator<ScannedEvents> {
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
    for await (const events of scannedChunks(file, from, means)) yield checked(events);
  } catch (error) {
    if (!(error instanceof OtherFormatting)) throw error;
    // What is left is in another formatting, or torn.
    const items = (await wholeItems(file)).filter(({ offset }) => offset >= next);
    if (items.length > 0) yield checked(scanItems(file.path, items, means));
  }
}

async function* scannedChunks(file: ScannedFile, from: number, means: FileScanMeans): AsyncGenerator<ScannedEvents> {
  const { path, form } = file;
  const chunks = chunksOf(file, from);
  const wantsDetails = means.keyOf !== undefined;
  const size = means.openPool && (await factsOf(file.folder, path))?.size;
  await using pool = means.openPool?.((size ?? 0) - from);
  if (!pool) {
    for await (const chunk of chunks) yield scanChunk({ path, form, chunk }, means);
    return;
  }
  /** Those that are under way, in the order of the file; a fault waits for its turn too. */
  const begun: (() => Promise<ScannedEvents>)[] = [];
  for await (const { chunk, error } of withFault(chunks)) {
    const scanned = chunk && pool.scan({ path, form, chunk, wantsDetails });
    begun.push(async () => {
      if (!chunk) throw error;
      return (await scanned) ?? scanChunk({ path, form, chunk }, means);
    });
    if (begun.length >= pool.width) yield* nextOf(begun);
  }
  while (begun.length > 0) yield* nextOf(begun);
}

async function* nextOf(begun: (() => Promise<ScannedEvents>)[]): AsyncGenerator<ScannedEvents> {
  const next = begun.shift();
  if (next) yield await next();
}

interface ChunkOrFault {
  readonly chunk?: EventChunk;
  readonly error?: unknown;
}

async function* withFault(chunks: AsyncIterable<EventChunk>): AsyncGenerator<ChunkOrFault> {
  try {
    for await (const chunk of chunks) yield { chunk };
  } catch (error) {
    yield { error };
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
