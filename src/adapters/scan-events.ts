import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type EventChunk, OtherFormatting, passingChunks } from "../core/event-chunks.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import { type Recovery, recoverPartition } from "../core/partition-recovery.ts";
import { type FoundItem, splitLines, splitPartition } from "../core/partition-scan.ts";
import { placed } from "../core/placed.ts";
import type { ScannedEvents } from "../ports.ts";
import { fileFault, mixed } from "./file-faults.ts";
import { factsOf, type Folder, openPlain, readFile, readFrom } from "./plain-file.ts";
import { type ChunkTask, type PlacedItem, scanChunk, scanItems } from "./scan-chunk.ts";
import type { ScanMeans } from "./scan-means.ts";

export interface ScannedFile {
  readonly folder: Folder;
  readonly path: string;
  readonly form: PartitionForm;
  /** Told of a torn append at the end, which is left out. */
  readonly onTorn?: ((torn: Recovery) => void) | undefined;
}

const blockBytes = 1_048_576;

/** Scans chunks on other threads. */
export interface ScanPool extends AsyncDisposable {
  /** Chunks that may be under way at once. */
  readonly width: number;
  /** @returns undefined where the chunk was not scanned: whoever asked scans it, and finds what is wrong with it */
  scan(task: ChunkTask): Promise<PooledEvents | undefined>;
}

/** Events in memory that is used again. */
interface PooledEvents {
  readonly events: ScannedEvents;
  /** Nobody looks at the events any more. */
  release(): void;
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
  const begun: Begun[] = [];
  for await (const { chunk, error } of withFault(chunks)) {
    const scanned = chunk && pool.scan({ path, form, chunk, wantsDetails });
    begun.push(async () => {
      if (!chunk) throw error;
      return (await scanned) ?? { events: await scannedAgain(file, chunk, means), release: () => undefined };
    });
    if (begun.length >= pool.width) yield* nextOf(begun);
  }
  while (begun.length > 0) yield* nextOf(begun);
}

/** The bytes of the chunk have made room for others meanwhile. */
async function scannedAgain(file: ScannedFile, chunk: EventChunk, means: ScanMeans): Promise<ScannedEvents> {
  const { path, form, folder } = file;
  const opened = await openPlain(folder, path);
  if (!opened) throw wentAway(path);
  let bytes: Uint8Array;
  try {
    bytes = await readFrom(opened, chunk.start, chunk.start + chunk.bytes.length);
  } catch (error) {
    throw fileFault("LEDGER_UNREADABLE", path, error);
  } finally {
    await opened.close();
  }
  return scanChunk({ path, form, chunk: { ...chunk, bytes } }, means);
}

function wentAway(path: string): SettlementError {
  return new SettlementError("LEDGER_UNREADABLE", `${path} went away while it was read; try again`);
}

type Begun = () => Promise<PooledEvents>;

async function* nextOf(begun: Begun[]): AsyncGenerator<ScannedEvents> {
  const next = await begun.shift()?.();
  if (!next) return;
  yield next.events;
  next.release();
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
  const before = { bytes: isArray ? 0 : from, events: 0 };
  const chunks = passingChunks(file.path, file.form, blocksOf(file, before.bytes), before, (length) =>
    // Finds line feeds soonest.
    Buffer.alloc(length),
  );
  for await (const chunk of chunks) {
    if (chunk.start + chunk.bytes.length > from) yield chunk;
  }
}

async function* blocksOf({ folder, path }: ScannedFile, from: number): AsyncGenerator<Uint8Array> {
  const file = await openPlain(folder, path);
  if (!file) return;
  try {
    const buffer = new Uint8Array(blockBytes);
    for (let at = from; ;) {
      const length = await file.read(buffer, at);
      if (length === 0) return;
      yield buffer.subarray(0, length);
      at += length;
    }
  } catch (error) {
    throw fileFault("LEDGER_UNREADABLE", path, error);
  } finally {
    await file.close();
  }
}

async function wholeItems({ folder, path, form, onTorn }: ScannedFile): Promise<PlacedItem[]> {
  const bytes = await readFile(folder, path);
  if (!bytes) throw wentAway(path);
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
