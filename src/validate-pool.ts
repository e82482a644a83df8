import { availableParallelism } from "node:os";
import { idlestOf, startThread, type Thread } from "./threads.ts";
import type { Chunk, ChunkLedger } from "./validate/chunk.ts";
import { type FastJudge, fastJudge } from "./validate-judge.ts";
import type { ChunkPool } from "./validate/take-files.ts";
import type { Judged, JudgeTask } from "./validate-thread.ts";

/** More threads than this wait for the one that reads and remembers. */
const mostThreads = 16;

/** Fewer events than this are judged sooner than a thread has started. */
const fewEvents = 300;

/** So many chunks are looked up before threads are started only to look up more. */
const lookedUpAlone = 400;

export interface PoolOptions {
  /** Threads. */
  readonly size?: number;
  /** Folder where facts are kept between runs. */
  readonly cache?: string;
}

/** Without a limit a thread lets garbage come together; the longest line takes less than half of this one. */
const limits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 } as const;

/** Judges chunks on every core; each thread parses every key once. Threads start with the first chunk that is worth it. */
export function threadPool({
  size = Math.min(availableParallelism(), mostThreads),
  cache,
}: PoolOptions = {}): ChunkPool & AsyncDisposable {
  const threads = new Set<Thread<JudgeTask, Judged | undefined>>();
  let ledger: ChunkLedger | undefined;
  let own: FastJudge | undefined;
  let lookedUp = 0;
  const tell = (thread: Thread<JudgeTask, Judged | undefined>): void => {
    // One that ends is told of by what it was asked to judge.
    if (ledger) thread.ask({ ledger, cache }).catch(() => undefined);
  };
  const startAll = (): void => {
    while (threads.size < size) tell(startThread("validate-thread", limits, threads));
  };
  const judgeThere = async (chunk: Chunk): ReturnType<ChunkPool["judge"]> => {
    const { buffer } = chunk.bytes;
    const judged = await idlestOf(threads)?.ask({ chunk }, buffer instanceof ArrayBuffer ? [buffer] : []);
    if (!judged) throw new Error("no thread is left that judges events");
    return { chunk: { ...chunk, bytes: judged.bytes }, facts: judged.facts };
  };
  const rest = async (): Promise<void> => {
    await Promise.all(Array.from(threads, (thread) => thread.end()));
  };
  return {
    width: size * 3,
    prepare(chunkEvents) {
      if (chunkEvents >= fewEvents) startAll();
    },
    open(opened) {
      ledger = opened;
      own = fastJudge(opened, cache);
      for (const each of threads) tell(each);
    },
    judge(chunk: Chunk) {
      if (!own) throw new TypeError("a pool is opened first");
      if (threads.size === 0 && lookedUp < lookedUpAlone) {
        const known = chunk.count < fewEvents ? own.judge(chunk) : own.lookUp(chunk);
        if (known) lookedUp++;
        if (known || chunk.count < fewEvents) return Promise.resolve({ chunk, facts: known });
      }
      startAll();
      const judged = judgeThere(chunk);
      // Whoever waits for it is told, and may not have come to it yet.
      judged.catch(() => undefined);
      return judged;
    },
    rest,
    [Symbol.asyncDispose]: rest,
  };
}
