import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ChunkTask } from "./adapters/scan-chunk.ts";
import type { OpenScanPool, ScanPool } from "./adapters/scan-events.ts";
import type { ScannedEvents } from "./ports.ts";
import type { ScanAnswer, ScanMemory, ScanTask } from "./scan-thread.ts";

/** More threads than this wait for the one that takes what they found. */
const mostThreads = 4;

/** What is smaller is scanned before threads have started. */
const leastBytes = 8_000_000;

const chunksEach = 3;

/** Chunks go over in memory that goes from thread to thread, and comes back with their lines; what is longer is copied. */
const roomBytes = 300_000;

export interface ScanThreads {
  readonly size?: number;
  /** Least that has to be scanned, bytes. */
  readonly leastBytes?: number;
}

type Take = (events: ScannedEvents | undefined, memory?: ScanMemory) => void;

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
  const free: ScanMemory[] = [];
  for (const each of threads) each.worker.once("exit", () => threads.delete(each));
  let number = 0;
  return {
    width: size * chunksEach,
    scan(task) {
      const [first, ...others] = threads;
      if (!first) return Promise.resolve(undefined);
      const idlest = others.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a), first);
      return new Promise((resolve) => {
        idlest.waiting.set(++number, (events, memory) => {
          const release = (): void => void (memory && free.push(memory));
          if (!events) release();
          resolve(events && { events, release });
        });
        const memory = task.chunk.bytes.length <= roomBytes ? (free.pop() ?? newMemory()) : undefined;
        const handed = memory ? { task: inMemory(task, memory), memory } : { task, memory };
        // What is copied is needed again where the thread has no answer.
        idlest.worker.postMessage({ number, ...handed } satisfies ScanTask, memory ? [memory.chunk, memory.lines] : []);
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(threads, ({ worker }) => worker.terminate()));
    },
  };
}

function newMemory(): ScanMemory {
  return { chunk: new ArrayBuffer(roomBytes), lines: new ArrayBuffer(roomBytes) };
}

function inMemory(task: ChunkTask, memory: ScanMemory): ChunkTask {
  const bytes = new Uint8Array(memory.chunk, 0, task.chunk.bytes.length);
  bytes.set(task.chunk.bytes);
  return { ...task, chunk: { ...task.chunk, bytes } };
}

function startThread(): Thread {
  const worker = new Worker(thread, { resourceLimits: { maxYoungGenerationSizeMb: 16 } });
  const waiting = new Map<number, Take>();
  worker.on("message", ({ number, events, memory }: ScanAnswer) => {
    waiting.get(number)?.(events, memory);
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
