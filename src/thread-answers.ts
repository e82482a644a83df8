import { parentPort } from "node:worker_threads";
import type { NumberedAnswer, Question } from "./threads.ts";

/** An answer, and the memory that goes over with it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly moved?: readonly ArrayBuffer[];
}

/** Answers whatever this thread is asked. @param work - gets tasks of the one kind that its pool asks */
export function answerEach(work: (task: never) => Answered<unknown>): void {
  parentPort?.on("message", ({ number, task }: Question<never>) => {
    const { answer, moved = [] } = work(task);
    parentPort?.postMessage({ number, answer } satisfies NumberedAnswer<unknown>, moved);
  });
}

/** The memory that members of these hold, each once. */
export function memoryOf(...holders: readonly (object | undefined)[]): readonly ArrayBuffer[] {
  const values = holders.flatMap((holder): unknown[] => Object.values(holder ?? {}));
  const buffers = values.map((value) => (ArrayBuffer.isView(value) ? value.buffer : value));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
