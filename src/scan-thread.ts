import { nodeSha256 } from "./adapters/node-crypto.ts";
import { type ChunkTask, scanChunk } from "./adapters/scan-chunk.ts";
import { termKeys } from "./adapters/scan-means.ts";
import type { ScannedEvents } from "./ports.ts";
import { type Answered, answerEach, memoryOf } from "./thread-answers.ts";

/** Memory that goes from thread to thread. */
export interface ScanMemory {
  readonly chunk: ArrayBuffer;
  /** Takes the lines of the evidence digest where they fit. */
  readonly lines: ArrayBuffer;
}

/** A chunk to scan. */
export interface ScanTask {
  readonly task: ChunkTask;
  /** That the chunk is in, where it fits. */
  readonly memory: ScanMemory | undefined;
}

export interface ScanAnswer {
  /** Undefined where something is wrong with the chunk: whoever asked scans it again, and says it. */
  readonly events: ScannedEvents | undefined;
  /** To be used again once nobody looks at the events any more. */
  readonly memory: ScanMemory | undefined;
}

const keyOf = termKeys(nodeSha256);

answerEach(({ task, memory }: ScanTask): Answered<ScanAnswer> => {
  const events = scanned(task, memory);
  return { answer: { events, memory }, moved: memoryOf(memory, events, events?.details) };
});

function scanned(task: ChunkTask, memory: ScanMemory | undefined): ScannedEvents | undefined {
  const lines = memory && new Uint8Array(memory.lines);
  try {
    return scanChunk(task, { sha256: nodeSha256, keyOf: task.wantsDetails ? keyOf : undefined, lines });
  } catch {
    return undefined;
  }
}
