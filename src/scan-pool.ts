import { availableParallelism } from "node:os";
import type { ChunkTask } from "./adapters/scan-chunk.ts";
import type { OpenScanPool, ScanPool } from "./adapters/scan-events.ts";
import type { ScanAnswer, ScanMemory, ScanTask } from "./scan-thread.ts";
import { idlestOf, startThread, type Thread } from "./threads.ts";

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

const limits = { maxYoungGenerationSizeMb: 16 };

/** Threads that scan one file, and end with the scan. */
export function scanThreads(options: ScanThreads = {}): OpenScanPool {
  const { size = Math.min(availableParallelism(), mostThreads) } = options;
  return (bytes) => (bytes < (options.leastBytes ?? leastBytes) || size < 2 ? undefined : openPool(size));
}

function openPool(size: number): ScanPool {
  const threads = new Set<Thread<ScanTask, ScanAnswer>>();
  while (threads.size < size) startThread("scan-thread", limits, threads);
  const free: ScanMemory[] = [];
  return {
    width: size * chunksEach,
    async scan(task) {
      const thread = idlestOf(threads);
      if (!thread) return undefined;
      const room = task.chunk.bytes.length <= roomBytes ? (free.pop() ?? newMemory()) : undefined;
      // Without room the bytes are copied on their way: the chunk's own memory is used again for the next ones.
      const question = { task: room ? inMemory(task, room) : task, memory: room };
      const asked = thread.ask(question, room ? [room.chunk, room.lines] : []);
      // A thread that dies leaves its chunks to whoever asked.
      const { events, memory } = (await asked.catch(() => undefined)) ?? {};
      const release = (): void => void (memory && free.push(memory));
      if (!events) release();
      return events && { events, release };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(threads, (thread) => thread.end()));
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
