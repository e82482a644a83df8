import { parentPort } from "node:worker_threads";
import type { Chunk, ChunkFacts, ChunkLedger, JudgeChunk } from "./validate/chunk.ts";
import { fastJudge } from "./validate-judge.ts";

/** What a thread is told: what it judges by, or a chunk to judge. */
export type ThreadTask =
  | { readonly ledger: ChunkLedger; readonly cache: string | undefined }
  | { readonly number: number; readonly chunk: Chunk };

/** What it answers to each chunk. */
export interface ThreadAnswer {
  readonly number: number;
  readonly facts: ChunkFacts | undefined;
  /** Those of the chunk. */
  readonly bytes: Uint8Array;
}

let judge: JudgeChunk = () => undefined;

parentPort?.on("message", (task: ThreadTask) => {
  if ("ledger" in task) {
    ({ judge } = fastJudge(task.ledger, task.cache));
    return;
  }
  const { number, chunk } = task;
  const facts = judge(chunk);
  const answer: ThreadAnswer = { number, facts, bytes: chunk.bytes };
  parentPort?.postMessage(answer, buffersOf({ ...facts, bytes: chunk.bytes }));
});

function buffersOf(facts: Partial<ChunkFacts> & Pick<Chunk, "bytes">): ArrayBuffer[] {
  return Object.values(facts).flatMap((list: unknown) =>
    ArrayBuffer.isView(list) && list.buffer instanceof ArrayBuffer ? [list.buffer] : [],
  );
}
