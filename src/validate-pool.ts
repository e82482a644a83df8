import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Chunk, ChunkLedger } from "./validate/chunk.ts";
import { type FastJudge, fastJudge } from "./validate-judge.ts";
import type { ChunkPool } from "./validate/take-files.ts";
import type { ThreadAnswer, ThreadTask } from "./validate-thread.ts";

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
const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 } as const;

interface Waiting {
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

const thread = new URL(
  import.meta.url.endsWith(".ts") ? "./validate-thread.ts" : "./validate-thread.js",
  import.meta.url,
);

/** Adds a thread for as long as it runs. */
function startThread(threads: Thread[]): Thread {
  const worker = new Worker(thread, { resourceLimits });
  const started: Thread = { worker, waiting: new Map() };
  const { waiting } = started;
  threads.push(started);
  worker.on("message", (answer: ThreadAnswer) => {
    waiting.get(answer.number)?.resolve(answer);
    waiting.delete(answer.number);
  });
  const end = (error: unknown): void => {
    if (threads.includes(started)) threads.splice(threads.indexOf(started), 1);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.once("error", end);
  worker.once("exit", () => end(new Error("a thread that judges events has ended")));
  return started;
}

/** Judges chunks on every core; each thread parses every key once. Threads start with the first chunk that is worth it. */
export function threadPool({
  size = Math.min(availableParallelism(), mostThreads),
  cache,
}: PoolOptions = {}): ChunkPool & AsyncDisposable {
  const threads: Thread[] = [];
  let ledger: ChunkLedger | undefined;
  let own: FastJudge | undefined;
  let number = 0;
  const startAll = (): void => {
    while (threads.length < size) {
      const { worker } = startThread(threads);
      if (ledger) worker.postMessage({ ledger, cache } satisfies ThreadTask, []);
    }
  };
  const rest = async (): Promise<void> => {
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  };
  return {
    width: size * 3,
    prepare(chunkEvents) {
      if (chunkEvents >= fewEvents) startAll();
    },
    open(opened) {
      ledger = opened;
      own = fastJudge(opened, cache);
      for (const { worker } of threads) worker.postMessage({ ledger, cache } satisfies ThreadTask, []);
    },
    judge(chunk: Chunk) {
      if (!own) throw new TypeError("a pool is opened first");
      if (threads.length === 0 && number < lookedUpAlone) {
        const known = chunk.count < fewEvents ? own.judge(chunk) : own.lookUp(chunk);
        if (known) number++;
        if (known || chunk.count < fewEvents) return Promise.resolve({ chunk, facts: known });
      }
      startAll();
      const idlest = threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
      const task = number++;
      const judged = new Promise<Awaited<ReturnType<ChunkPool["judge"]>>>((resolve, reject) => {
        const take = ({ facts, bytes }: ThreadAnswer): void => resolve({ chunk: { ...chunk, bytes }, facts });
        idlest.waiting.set(task, { resolve: take, reject });
        const { buffer } = chunk.bytes;
        idlest.worker.postMessage(
          { number: task, chunk } satisfies ThreadTask,
          buffer instanceof ArrayBuffer ? [buffer] : [],
        );
      });
      // Whoever waits for it is told, and may not have come to it yet.
      judged.catch(() => undefined);
      return judged;
    },
    rest,
    [Symbol.asyncDispose]: rest,
  };
}
