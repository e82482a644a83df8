import { extname } from "node:path";
import { type ResourceLimits, type Transferable, Worker } from "node:worker_threads";

/** A file beside this one that hands what it does to `answerEach`. */
export type ThreadName = "scan-thread" | "validate-thread" | "verify-thread" | "write-thread";

/** What a thread is asked. */
export interface Question<Task> {
  readonly number: number;
  readonly task: Task;
}

/** What it answers, with the number of the question. */
export interface NumberedAnswer<Answer> {
  readonly number: number;
  readonly answer: Answer;
}

export interface Thread<Task, Answer> {
  /** Questions that it has not answered yet. */
  readonly waiting: number;
  /** Rejects when the thread ends before it has answered. @param moved - memory that goes over to it */
  ask(task: Task, moved?: readonly Transferable[]): Promise<Answer>;
  /** Ends it, whatever it was asked. */
  end(): Promise<void>;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts a thread that answers questions. It keeps the process alive only while it has some.
 *
 * @param threads - holds it for as long as it runs
 */
export function startThread<Task, Answer>(
  name: ThreadName,
  resourceLimits: ResourceLimits,
  threads: Set<Thread<Task, Answer>>,
): Thread<Task, Answer> {
  const worker = new Worker(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url), { resourceLimits });
  const waiting = new Map<number, Waiting<Answer>>();
  let number = 0;
  let isOver = false;
  const thread: Thread<Task, Answer> = {
    get waiting() {
      return waiting.size;
    },
    ask(task, moved = []) {
      return new Promise((resolve, reject) => {
        if (isOver) throw endOf(name);
        // Throws what cannot be sent, for which nobody waits.
        worker.postMessage({ number: ++number, task } satisfies Question<Task>, moved);
        if (waiting.size === 0) worker.ref();
        waiting.set(number, { resolve, reject });
      });
    },
    async end() {
      await worker.terminate();
    },
  };
  const ended = (error: unknown): void => {
    isOver = true;
    threads.delete(thread);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  threads.add(thread);
  worker.unref();
  worker.on("message", ({ number: answered, answer }: NumberedAnswer<Answer>) => {
    waiting.get(answered)?.resolve(answer);
    waiting.delete(answered);
    if (waiting.size === 0) worker.unref();
  });
  worker.once("error", ended);
  worker.once("exit", () => ended(endOf(name)));
  return thread;
}

function endOf(name: ThreadName): Error {
  return new Error(`a ${name} has ended`);
}

/** The one with the fewest questions. */
export function idlestOf<Task, Answer>(threads: Iterable<Thread<Task, Answer>>): Thread<Task, Answer> | undefined {
  let idlest: Thread<Task, Answer> | undefined;
  for (const each of threads) if (!idlest || each.waiting < idlest.waiting) idlest = each;
  return idlest;
}
