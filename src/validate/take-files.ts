import { OtherFormatting } from "../core/event-chunks.ts";
import { SettlementError } from "../core/error.ts";
import type { Chunk, ChunkFacts, ChunkLedger, JudgeChunk } from "./chunk.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { chunkJudge } from "./judge-chunk.ts";
import type { JudgeOptions } from "./judge-ledger.ts";
import { blocksOf, chunksOf, type Cut } from "./read-chunks.ts";
import { type EventPath, readSource } from "./read-ledger.ts";
import { keptDigest } from "./resume.ts";
import { type FileRead, linesBefore, type StreamRun } from "./start-run.ts";
import { takeChunk, takeJson } from "./stream-run.ts";

interface JudgedChunk {
  readonly chunk: Chunk;
  readonly facts: ChunkFacts | undefined;
}

/** Judges chunks somewhere else, several at once. */
export interface ChunkPool {
  /** Chunks that should be under way at once. */
  readonly width: number;
  /** Told of what is to come: chunks of about so many events. */
  prepare(chunkEvents: number): void;
  /** What the chunks that follow are judged by. */
  open(ledger: ChunkLedger): void;
  /** Takes the bytes of the chunk along; they are in the chunk that comes back. */
  judge(chunk: Chunk): Promise<JudgedChunk>;
  /** Gives back what it holds: there is nothing to judge for now. */
  rest(): Promise<void>;
}

export interface StreamProgress {
  readonly events: number;
  readonly filesDone: number;
  readonly files: number;
}

export interface TakeOptions extends Pick<JudgeOptions, "verify" | "sha256"> {
  /** Files in another formatting, which are read whole. */
  readonly whole: ReadonlySet<string>;
  /** Is everything judged, whatever is known of it? */
  readonly isFull: boolean;
  /** The thread at hand judges where none is given. */
  readonly pool?: ChunkPool;
  readonly signal?: AbortSignal;
  /** What is to be done on this thread as soon as the others are at work. */
  readonly meanwhile?: () => Promise<void>;
  /** Told how far it is. */
  readonly onProgress?: (progress: StreamProgress) => void;
}

/** What is to be taken next, in the order of the ledger. */
type Step = { readonly open: EventPath } | { readonly whole: EventPath } | { readonly judged: Promise<JudgedChunk> };

/** Takes every file; resolves to the path of one that has to be read whole. */
export async function takeFiles(
  run: StreamRun,
  tree: LedgerTree,
  paths: readonly EventPath[],
  { whole, isFull, signal, onProgress, meanwhile, ...options }: TakeOptions,
): Promise<string | undefined> {
  const pool = options.pool ?? inlinePool(options);
  pool.open({ ...chunkLedgerOf(run), isFull });
  const waiting: Step[] = [];
  let file: EventPath | undefined;
  let filesDone = -1;
  let isMeanwhileDone = false;
  const waitUsefully = async (): Promise<void> => {
    if (!isMeanwhileDone) await meanwhile?.();
    isMeanwhileDone = true;
  };
  const takeUntil = async (left: number): Promise<boolean> => {
    while (waiting.length > left) {
      signal?.throwIfAborted();
      const step = waiting.shift();
      if (!step) continue;
      if ("open" in step) {
        file = step.open;
        filesDone++;
        openFile(run, step.open);
      } else if ("whole" in step) {
        await takeWhole(run, tree, step.whole);
      } else {
        const { chunk, facts } = await step.judged;
        if (!takeChunk(run, chunk, facts)) return false;
        release(chunk.bytes, facts?.lines, facts?.ids, facts?.said, facts?.unixMs);
      }
      onProgress?.({ events: run.seen.events, filesDone, files: paths.length });
    }
    return true;
  };
  try {
    for (const path of paths) {
      waiting.push({ open: path });
      if (whole.has(path.path)) waiting.push({ whole: path });
      else {
        for await (const cut of chunksLeft(run, tree, path)) {
          const chunk = { ...cut, accepted: acceptedIn(run, cut), wantsLines: wantsLines(run, path) };
          waiting.push({ judged: pool.judge(chunk) });
          if (waiting.length > pool.width) await waitUsefully();
          if (!(await takeUntil(pool.width))) return file?.path;
        }
      }
    }
    await waitUsefully();
    return (await takeUntil(0)) ? undefined : file?.path;
  } catch (error) {
    if (error instanceof OtherFormatting) return error.message;
    if (error instanceof SettlementError) return unreadable;
    throw error;
  } finally {
    await Promise.allSettled(waiting.flatMap((step) => ("judged" in step ? [step.judged] : [])));
  }
}

/** Gives memory back at once: the collector would let a hundred chunks come together first. */
function release(...lists: readonly (Uint8Array | Float64Array | undefined)[]): void {
  for (const list of lists) {
    const buffer = list?.buffer;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === list?.byteLength) buffer.transfer(0);
  }
}

/** What {@link takeFiles} resolves to when a file cannot be read. */
export const unreadable = "";

/** What is not known of a file; what is read of it is taken down. */
async function* chunksLeft(run: StreamRun, tree: LedgerTree, path: EventPath): AsyncGenerator<Cut> {
  const { resumed, log, files } = run;
  const before = resumed?.grown.get(path.path);
  const isKnown = resumed?.milestone.facts.files.some((known) => known.path === path.path) ?? false;
  if (isKnown && !before) return;
  const mayGrow = path.month === "" || !log.isPublished(path.month);
  const digest = !resumed && mayGrow ? keptDigest(path.month !== "") : undefined;
  const read: FileRead = { bytes: 0, count: 0, digest };
  files.set(path.path, read);
  for await (const cut of chunksOf(path, counted(blocksOf(tree, path.path, before?.bytes), read), before)) {
    read.count += cut.count;
    yield cut;
  }
}

async function* counted(blocks: AsyncIterable<Uint8Array>, read: FileRead): AsyncGenerator<Uint8Array> {
  for await (const block of blocks) {
    read.bytes += block.length;
    read.digest?.update(block);
    yield block;
  }
}

/** Events of a chunk that were there before. */
function acceptedIn({ appended }: StreamRun, { file, firstIndex, count }: Cut): number {
  return appended ? Math.max(0, Math.min(count, (appended.counts.get(file) ?? 0) - firstIndex)) : count;
}

function wantsLines({ context, log }: StreamRun, { month }: EventPath): boolean {
  return month === "" ? context.closed.months.length > 0 : log.isPublished(month);
}

function openFile({ register, log }: StreamRun, { path, month }: EventPath): void {
  register.openFile(path, linesBefore(month));
  if (month !== "") log.openMonth(month);
}

async function takeWhole(run: StreamRun, tree: LedgerTree, { path, month }: EventPath): Promise<void> {
  const bytes = await tree.read(path);
  if (!bytes) throw new SettlementError("LEDGER_UNREADABLE", `${path} went away while it was read; try again`);
  const { items } = readSource({ path, month, bytes }, run.findings.at(0));
  for (const item of items) takeJson(run, month, item);
}

function chunkLedgerOf({ context: { ledger, clock }, dialect }: StreamRun): Omit<ChunkLedger, "isFull"> {
  const { root, nodes, policy } = ledger;
  return { root, dialect, nodes, policy, aheadUnixMs: clock.nowUnixMs + clock.aheadMs };
}

function inlinePool(crypto: Pick<JudgeOptions, "verify" | "sha256">): ChunkPool {
  let judge: JudgeChunk = () => undefined;
  return {
    width: 0,
    prepare: () => undefined,
    rest: () => Promise.resolve(),
    open(ledger) {
      judge = chunkJudge(ledger, crypto);
    },
    judge: (chunk) => Promise.resolve({ chunk, facts: judge(chunk) }),
  };
}
