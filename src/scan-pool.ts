import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ChunkTask } from "./adapters/scan-chunk.ts";
import type { OpenScanPool, ScanPool } from "./adapters/scan-events.ts";
import type { ScannedEvents } from "./ports.ts";
import type { ScanAnswer, ScanTask } from "./scan-thread.ts";

/** More threads than this wait for the one that takes what they found. */
const mostThreads = 4;

/** What is smaller is scanned before threads have started. */
const leastBytes = 8_000_000;

const chunksEach = 3;

/** Chunks go over in memory that both threads see, and their lines come back in it; what is longer is copied. */
const sharedBytes = 300_000;

export interface ScanThreads {
  readonly size?: number;
  /** Least that has to be scanned, bytes. */
  readonly leastBytes?: number;
}

type Take = (events: ScannedEvents | undefined) => void;

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Take>;
}

const thread = new URL(import.meta.url.endsWith(".ts") ? "./scan-thread.ts" : "./scan-thread.js", import.meta.url);

/** Threads that scan one file, and end with the scan. */
export function scanThreads(options: ScanThreads = {}): OpenScanPool {
  const { size = Math.min(availableParallelism(), mostThreads) } = options;
  return (bytes) => (bytes < (options.leastBytes ?? leastBytes) || size < 2 ? undefined : openPool(size));
}

function openPool(size: number): ScanPool {
  const threads = new Set(Array.from({ length: size }, startThread));
  const free = Array.from({ length: size * chunksEach }, () => new SharedArrayBuffer(sharedBytes));
  for (const each of threads) each.worker.once("exit", () => threads.delete(each));
  let number = 0;
  return {
    width: size * chunksEach,
    scan(task) {
      const [first, ...others] = threads;
      if (!first) return Promise.resolve(undefined);
      const idlest = others.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a), first);
      const shared = task.chunk.bytes.length <= sharedBytes ? free.pop() : undefined;
      return new Promise((resolve) => {
        const release = (): void => void (shared && free.push(shared));
        idlest.waiting.set(++number, (events) => {
          if (!events) release();
          resolve(events && { events, release });
        });
        // The bytes are copied: they are needed again where the thread has no answer.
        idlest.worker.postMessage({ number, ...handedOver(task, shared) } satisfies ScanTask, []);
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(threads, ({ worker }) => worker.terminate()));
    },
  };
}

function handedOver(task: ChunkTask, shared: SharedArrayBuffer | undefined): Omit<ScanTask, "number"> {
  if (!shared) return { task, lines: undefined };
  const { chunk } = task;
  const lines = new Uint8Array(shared);
  lines.set(chunk.bytes);
  return { task: { ...task, chunk: { ...chunk, bytes: lines.subarray(0, chunk.bytes.length) } }, lines };
}

function startThread(): Thread {
  const worker = new Worker(thread, { resourceLimits: { maxYoungGenerationSizeMb: 16 } });
  const waiting = new Map<number, Take>();
  worker.on("message", ({ number, events }: ScanAnswer) => {
    waiting.get(number)?.(events);
    waiting.delete(number);
  });
  // A thread that dies leaves its chunks to whoever asked.
  worker.on("error", () => undefined);
  worker.once("exit", () => {
    for (const take of waiting.values()) take(undefined);
    waiting.clear();
  });
  return { worker, waiting };
}
