import { eventChunks, OtherFormatting } from "../core/event-chunks.ts";
import { isJsonObject, parseJson } from "../core/json.ts";
import { type Dialect, dialectOf } from "../core/ledger-event.ts";
import { SettlementError } from "../core/error.ts";
import type { Month } from "../core/month.ts";
import type { Chunk, ChunkFacts, ChunkLedger, JudgeChunk } from "./chunk.ts";
import { readPublished, reportUnfindable, type ClosedMonth } from "./closed-months.ts";
import { appendedTo } from "./appended.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { type Report, stagedFindings, type StagedFindings } from "./finding.ts";
import { chunkJudge } from "./judge-chunk.ts";
import type { JudgeOptions } from "./judge-ledger.ts";
import { type EventPath, readFrame, readSource } from "./read-ledger.ts";
import { DigestUnknown, type KnownDigests } from "./month-log.ts";
import { finishRun, type StreamRun, streamRun, takeChunk, takeJson } from "./stream-run.ts";

interface JudgedChunk {
  readonly chunk: Chunk;
  readonly facts: ChunkFacts | undefined;
}

/** Judges chunks somewhere else, several at once. */
export interface ChunkPool {
  /** Chunks that should be under way at once. */
  readonly width: number;
  /** What the chunks that follow are judged by. */
  open(ledger: ChunkLedger): void;
  /** Takes the bytes of the chunk along; they are in the chunk that comes back. */
  judge(chunk: Chunk): Promise<JudgedChunk>;
}

export interface StreamOptions extends JudgeOptions {
  /** Bytes of a `verifier.policy.json` to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array;
  /** The thread at hand judges where none is given. */
  readonly pool?: ChunkPool;
  /** An earlier state of the same ledger, to which the change may only append. */
  readonly base?: LedgerTree;
  /** Digests of months that are known from earlier runs. */
  readonly digests?: KnownDigests;
  /** Verifies everything, whatever is known from earlier runs. */
  readonly isFull?: boolean;
  readonly signal?: AbortSignal;
  /** Told how far it is, from 0 to 1. */
  readonly onProgress?: (progress: StreamProgress) => void;
}

export interface StreamProgress {
  readonly events: number;
  readonly filesDone: number;
  readonly files: number;
}

/** What an earlier way through the ledger found out too late. */
interface Knowledge {
  readonly dialect: Dialect | undefined;
  /** Files in another formatting, which are read whole. */
  readonly whole: ReadonlySet<string>;
  readonly unfindable: ReadonlySet<Month>;
  readonly isFull: boolean;
}

/** Ways through one ledger before it is read whole. */
const maxTries = 4;

/**
 * Judges a ledger while it is read: of its events nothing stays but what the rules have to remember.
 *
 * @returns undefined for a ledger that has to be at hand as a whole
 */
export async function streamLedger(tree: LedgerTree, options: StreamOptions): Promise<Report | undefined> {
  let knowledge: Knowledge = {
    dialect: undefined,
    whole: new Set(),
    unfindable: new Set(),
    isFull: options.isFull ?? false,
  };
  for (let tries = 0; tries < maxTries; tries++) {
    const outcome = await tryOnce(tree, knowledge, options);
    if (outcome === undefined || "valid" in outcome) return outcome;
    knowledge = outcome;
  }
  return undefined;
}

async function tryOnce(
  tree: LedgerTree,
  knowledge: Knowledge,
  options: StreamOptions,
): Promise<Report | Knowledge | undefined> {
  const findings = stagedFindings();
  const frame = await readFrame(tree, findings.at(0), options);
  if (new Set(frame.eventPaths.map(({ month }) => month === "")).size > 1) return undefined;
  const published = await readPublished(frame, findings.at(0));
  const paths = frame.eventPaths.toSorted((a, b) => (a.month < b.month ? -1 : 1));
  const dialect = knowledge.dialect ?? (await dialectOfFirst(tree, paths[0]));
  const { unfindable } = knowledge;
  const blocks = (path: string): AsyncIterable<Uint8Array> => blocksOf(tree, path);
  const appended = options.base && (await appendedTo(frame, options.base, blocks, options));
  if (options.base && !appended) return undefined;
  const run = streamRun({ frame, dialect, published, unfindable, findings, appended }, options);
  const odd = await takeFiles(run, tree, paths, knowledge, options);
  if (odd === unreadable) return undefined;
  if (odd !== undefined) return { ...knowledge, whole: new Set([...knowledge.whole, odd]) };
  const found = dialectOfEvents(run, paths);
  if (found !== dialect) return { ...knowledge, dialect: found, unfindable: new Set() };
  return lastOf(run, knowledge);
}

/** What is judged once every event was there. */
async function lastOf(run: StreamRun, knowledge: Knowledge): Promise<Report | Knowledge | undefined> {
  const { dialect, findings, seen } = run;
  const { unfindable } = knowledge;
  const published = run.context.closed.months;
  // Which dialect the earlier state was of hangs on more than its last events.
  if (run.appended && seen.monthly !== 0 && seen.monthly !== seen.objects) return undefined;
  const lost = dialect === "jsonl" ? published.filter((closed) => isLost(closed, run)) : [];
  if (lost.some(({ month }) => !unfindable.has(month))) {
    return { ...knowledge, unfindable: new Set(lost.map(({ month }) => month)) };
  }
  for (const closed of lost) reportUnfindable(closed, findings.at(0));
  try {
    await finishRun(run);
  } catch (error) {
    if (error instanceof DigestUnknown) return { ...knowledge, isFull: true };
    throw error;
  }
  return reportOf(run, findings);
}

function reportOf({ dialect, seen, tally }: StreamRun, findings: StagedFindings): Report {
  const found = findings.inOrder();
  return {
    valid: found.every(({ severity }) => severity !== "error"),
    dialect,
    events: seen.events,
    findings: found,
    signaturesChecked: tally.checked,
    signaturesNotRechecked: seen.passedOver,
  };
}

function isLost({ manifest: { range } }: ClosedMonth, { register }: StreamRun): boolean {
  return range !== null && register.memory.known.get(range[1]) === undefined;
}

function dialectOfEvents({ seen: { objects, monthly } }: StreamRun, paths: readonly EventPath[]): Dialect {
  if (objects > 0) return 2 * monthly >= objects ? "monthly" : "jsonl";
  return paths.some(({ month }) => month === "") ? "jsonl" : "monthly";
}

/** A guess that is right nearly always. */
async function dialectOfFirst(tree: LedgerTree, path: EventPath | undefined): Promise<Dialect> {
  try {
    for await (const { bytes } of path ? chunksOf(tree, path) : []) {
      const line = Buffer.from(bytes.subarray(0, bytes.indexOf(0x0a))).toString("utf8");
      const value = parseJson(line);
      return isJsonObject(value) ? dialectOf(value) : "monthly";
    }
  } catch (error) {
    if (!(error instanceof OtherFormatting) && !(error instanceof SettlementError)) throw error;
  }
  return path?.month === "" ? "jsonl" : "monthly";
}

type Cut = Omit<Chunk, "accepted" | "wantsLines">;

async function* chunksOf(tree: LedgerTree, { path, month }: EventPath): AsyncGenerator<Cut> {
  for await (const chunk of eventChunks(path, month === "" ? "lines" : "array", blocksOf(tree, path))) {
    yield { file: path, month, ...chunk };
  }
}

async function* blocksOf(tree: LedgerTree, path: string): AsyncGenerator<Uint8Array> {
  if (tree.blocks) {
    yield* tree.blocks(path);
    return;
  }
  const bytes = await tree.read(path);
  if (bytes) yield bytes;
  else throw new SettlementError("LEDGER_UNREADABLE", `${path} went away while it was read; try again`);
}

/** What is to be taken next, in the order of the ledger. */
type Step = { readonly open: EventPath } | { readonly whole: EventPath } | { readonly judged: Promise<JudgedChunk> };

/** Takes every file; resolves to the path of one that has to be read whole. */
async function takeFiles(
  run: StreamRun,
  tree: LedgerTree,
  paths: readonly EventPath[],
  { whole, isFull }: Knowledge,
  options: StreamOptions,
): Promise<string | undefined> {
  const pool = options.pool ?? inlinePool(options);
  pool.open({ ...chunkLedgerOf(run), isFull });
  const waiting: Step[] = [];
  let file: EventPath | undefined;
  let filesDone = -1;
  const takeUntil = async (left: number): Promise<boolean> => {
    while (waiting.length > left) {
      options.signal?.throwIfAborted();
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
      options.onProgress?.({ events: run.seen.events, filesDone, files: paths.length });
    }
    return true;
  };
  try {
    for (const path of paths) {
      waiting.push({ open: path });
      if (whole.has(path.path)) waiting.push({ whole: path });
      else {
        for await (const cut of chunksOf(tree, path)) {
          const chunk = { ...cut, accepted: acceptedIn(run, cut), wantsLines: wantsLines(run, path) };
          waiting.push({ judged: pool.judge(chunk) });
          if (!(await takeUntil(pool.width))) return file?.path;
        }
      }
    }
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

const unreadable = "";

/** Events of a chunk that were there before. */
function acceptedIn({ appended }: StreamRun, { file, firstIndex, count }: Cut): number {
  return appended ? Math.max(0, Math.min(count, (appended.counts.get(file) ?? 0) - firstIndex)) : count;
}

function wantsLines({ context, log }: StreamRun, { month }: EventPath): boolean {
  return month === "" ? context.closed.months.length > 0 : log.isPublished(month);
}

function openFile({ register, log }: StreamRun, { path, month }: EventPath): void {
  register.openFile(path, month === "" ? 0 : 1);
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
    open(ledger) {
      judge = chunkJudge(ledger, crypto);
    },
    judge: (chunk) => Promise.resolve({ chunk, facts: judge(chunk) }),
  };
}
