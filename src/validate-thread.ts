import { type Answered, answerEach, memoryOf } from "./thread-answers.ts";
import type { Chunk, ChunkFacts, ChunkLedger, JudgeChunk } from "./validate/chunk.ts";
import { fastJudge } from "./validate-judge.ts";

/** What a thread is told: what it judges by, or a chunk to judge. */
export type JudgeTask =
  | { readonly ledger: ChunkLedger; readonly cache: string | undefined }
  | { readonly chunk: Chunk };

/** What it answers to a chunk. */
export interface Judged {
  readonly facts: ChunkFacts | undefined;
  /** Those of the chunk. */
  readonly bytes: Uint8Array;
}

let judge: JudgeChunk = () => undefined;

answerEach((task: JudgeTask): Answered<Judged | undefined> => {
  if ("ledger" in task) {
    ({ judge } = fastJudge(task.ledger, task.cache));
    return { answer: undefined };
  }
  const { bytes } = task.chunk;
  const facts = judge(task.chunk);
  return { answer: { facts, bytes }, moved: memoryOf(facts, { bytes }) };
});
