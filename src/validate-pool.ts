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

/** Judges chunks on every core; each thread parses every key once. Threads start with the first chunk that is worth it. */
export function threadPool({
  size = Math.min(availableParallelism(), mostThreads),
  cache,
}: PoolOptions = {}): ChunkPool & AsyncDisposable {
  const threads: Thread[] = [];
  let ledger: ChunkLedger | undefined;
  let own: FastJudge | undefined;
  let number = 0;
  const start = (): Thread => {
    const worker = new Worker(thread, { resourceLimits: { maxYoungGenerationSizeMb: 16 } });
    const started: Thread = { worker, waiting: new Map() };
    worker.on("message", (answer: ThreadAnswer) => {
      started.waiting.get(answer.number)?.resolve(answer);
      started.waiting.delete(answer.number);
    });
    worker.on("error", (error) => {
      for (const { reject } of started.waiting.values()) reject(error);
      started.waiting.clear();
    });
    if (ledger) worker.postMessage({ ledger, cache } satisfies ThreadTask, []);
    return started;
  };
  return {
    width: size * 3,
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
      while (threads.length < size) threads.push(start());
      const idlest = threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
      const task = number++;
      return new Promise((resolve, reject) => {
        const take = ({ facts, bytes }: ThreadAnswer): void => resolve({ chunk: { ...chunk, bytes }, facts });
        idlest.waiting.set(task, { resolve: take, reject });
        const { buffer } = chunk.bytes;
        idlest.worker.postMessage(
          { number: task, chunk } satisfies ThreadTask,
          buffer instanceof ArrayBuffer ? [buffer] : [],
        );
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
