import { parentPort } from "node:worker_threads";
import { nodeSha256 } from "./adapters/node-crypto.ts";
import { type ChunkTask, scanChunk } from "./adapters/scan-chunk.ts";
import { termKeys } from "./adapters/scan-means.ts";
import type { ScannedEvents } from "./ports.ts";

/** Memory that goes from thread to thread. */
export interface ScanMemory {
  readonly chunk: ArrayBuffer;
  /** Takes the lines of the evidence digest where they fit. */
  readonly lines: ArrayBuffer;
}

/** A chunk to scan. */
export interface ScanTask {
  readonly number: number;
  readonly task: ChunkTask;
  /** That the chunk is in, where it fits. */
  readonly memory: ScanMemory | undefined;
}

export interface ScanAnswer {
  readonly number: number;
  /** Undefined where something is wrong with the chunk: whoever asked scans it again, and says it. */
  readonly events: ScannedEvents | undefined;
  /** To be used again once nobody looks at the events any more. */
  readonly memory: ScanMemory | undefined;
}

const keyOf = termKeys(nodeSha256);

parentPort?.on("message", ({ number, task, memory }: ScanTask) => {
  const events = scanned(task, memory);
  const answer: ScanAnswer = { number, events, memory };
  parentPort?.postMessage(answer, buffersOf({ ...memory }, { ...events }, { ...events?.details }));
});

function scanned(task: ChunkTask, memory: ScanMemory | undefined): ScannedEvents | undefined {
  const lines = memory && new Uint8Array(memory.lines);
  try {
    return scanChunk(task, { sha256: nodeSha256, keyOf: task.wantsDetails ? keyOf : undefined, lines });
  } catch {
    return undefined;
  }
}

/** The memory of lists, each once. */
function buffersOf(...lists: readonly object[]): ArrayBuffer[] {
  const values = lists.flatMap((list): unknown[] => Object.values(list));
  const buffers = values.map((value) => (ArrayBuffer.isView(value) ? value.buffer : value));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
