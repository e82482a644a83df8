import { parentPort } from "node:worker_threads";
import { nodeSha256 } from "./adapters/node-crypto.ts";
import { type ChunkTask, scanChunk, termKeys } from "./adapters/scan-chunk.ts";
import type { ScannedEvents } from "./ports.ts";

/** A chunk to scan. */
export interface ScanTask {
  readonly number: number;
  readonly task: ChunkTask;
}

export interface ScanAnswer {
  readonly number: number;
  /** Undefined where something is wrong with the chunk: whoever asked scans it again, and says it. */
  readonly events: ScannedEvents | undefined;
}

const keyOf = termKeys(nodeSha256);

parentPort?.on("message", ({ number, task }: ScanTask) => {
  const events = scanned(task);
  const answer: ScanAnswer = { number, events };
  parentPort?.postMessage(answer, buffersOf({ ...events }, { ...events?.details }));
});

function scanned(task: ChunkTask): ScannedEvents | undefined {
  try {
    return scanChunk(task, { sha256: nodeSha256, keyOf: task.wantsDetails ? keyOf : undefined });
  } catch {
    return undefined;
  }
}

function buffersOf(...lists: readonly object[]): ArrayBuffer[] {
  return lists
    .flatMap((list): unknown[] => Object.values(list))
    .flatMap((list) => (ArrayBuffer.isView(list) && list.buffer instanceof ArrayBuffer ? [list.buffer] : []));
}
