import { parentPort } from "node:worker_threads";
import { nodeSha256 } from "./adapters/node-crypto.ts";
import { type ChunkTask, scanChunk } from "./adapters/scan-chunk.ts";
import { termKeys } from "./adapters/scan-means.ts";
import type { ScannedEvents } from "./ports.ts";

/** A chunk to scan. */
export interface ScanTask {
  readonly number: number;
  readonly task: ChunkTask;
  /** Takes the lines of the evidence digest where they fit; the chunk may be in the same memory. */
  readonly lines: Uint8Array | undefined;
}

export interface ScanAnswer {
  readonly number: number;
  /** Undefined where something is wrong with the chunk: whoever asked scans it again, and says it. */
  readonly events: ScannedEvents | undefined;
}

const keyOf = termKeys(nodeSha256);

parentPort?.on("message", ({ number, task, lines }: ScanTask) => {
  const events = scanned(task, lines);
  const answer: ScanAnswer = { number, events };
  parentPort?.postMessage(answer, buffersOf({ ...events }, { ...events?.details }));
});

function scanned(task: ChunkTask, lines: Uint8Array | undefined): ScannedEvents | undefined {
  try {
    const chunk = { ...task.chunk, bytes: ownBytes(task.chunk.bytes) };
    return scanChunk({ ...task, chunk }, { sha256: nodeSha256, keyOf: task.wantsDetails ? keyOf : undefined, lines });
  } catch {
    return undefined;
  }
}

let own = new Uint8Array();

/** The same bytes in memory of this thread, until the next are asked for. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  if (own.length < bytes.length) own = new Uint8Array(2 * bytes.length);
  own.set(bytes);
  return own.subarray(0, bytes.length);
}

function buffersOf(...lists: readonly object[]): ArrayBuffer[] {
  return lists
    .flatMap((list): unknown[] => Object.values(list))
    .flatMap((list) => (ArrayBuffer.isView(list) && list.buffer instanceof ArrayBuffer ? [list.buffer] : []));
}
