import { Worker } from "node:worker_threads";
import { fileFault } from "./adapters/file-faults.ts";
import type { NamedBytes, WriteNew } from "./adapters/write-batch.ts";
import { concatBytes } from "./core/bytes.ts";
import type { SettlementError } from "./core/error.ts";
import type { WriteAnswer, WriteTask } from "./write-thread.ts";

/** They wait for the disk most of the time. */
const size = 8;

/** Fewer files are written before threads have started. */
const fewFiles = 64;

export interface WriteThreads {
  /** Least number of files that go to threads. */
  readonly leastFiles?: number;
  /** Threads that have nothing to do end after this time, milliseconds. */
  readonly idleMs?: number;
}

interface Thread {
  readonly worker: Worker;
  readonly tasks: Map<number, (answer: WriteAnswer | undefined) => void>;
}

const thread = new URL(import.meta.url.endsWith(".ts") ? "./write-thread.ts" : "./write-thread.js", import.meta.url);

/**
 * Writes many new files on threads that make one call after the other: as promises, each of the six calls for a file
 * costs more than the call itself. The threads keep no process alive but while they write.
 */
export function writeThreads(options: WriteThreads = {}): WriteNew {
  const { leastFiles = fewFiles, idleMs = 2000 } = options;
  const threads = new Set<Thread>();
  let idle: NodeJS.Timeout | undefined;
  let number = 0;
  const endWhenIdle = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      for (const each of threads) {
        if (each.tasks.size > 0) continue;
        threads.delete(each);
        void each.worker.terminate();
      }
    }, idleMs).unref();
  };
  return async (root, files) => {
    if (files.length < leastFiles) return files;
    while (threads.size < size) startThread(threads);
    const share = Math.ceil(files.length / size);
    const works = Array.from(threads, async (one, at) => {
      const own = files.slice(at * share, (at + 1) * share);
      return { own, answer: await post(one, number++, root, own) };
    });
    const outcomes = await Promise.all(works);
    endWhenIdle();
    for (const { own, answer } of outcomes) if (answer?.fault) throw faultOf(own, answer.fault);
    return outcomes.flatMap(({ own, answer }) => own.filter((_, at) => !answer || answer.taken.includes(at)));
  };
}

/** @returns undefined when the thread has died */
function post(
  { worker, tasks }: Thread,
  number: number,
  root: string,
  files: readonly NamedBytes[],
): Promise<WriteAnswer | undefined> {
  const task: WriteTask = {
    number,
    paths: files.map(([path]) => `${root}/${path}`),
    lengths: files.map(([, { length }]) => length),
    bytes: concatBytes(...files.map(([, bytes]) => bytes)),
  };
  return new Promise((resolve) => {
    if (tasks.size === 0) worker.ref();
    tasks.set(number, resolve);
    worker.postMessage(task, [task.bytes.buffer]);
  });
}

function faultOf(files: readonly NamedBytes[], { file, errno }: NonNullable<WriteAnswer["fault"]>): SettlementError {
  const [path = ""] = files[file] ?? [];
  return fileFault("LEDGER_WRITE_FAILED", path, Object.assign(new Error(errno), { code: errno }));
}

function startThread(threads: Set<Thread>): void {
  const worker = new Worker(thread, { resourceLimits: { maxYoungGenerationSizeMb: 2 } });
  const started: Thread = { worker, tasks: new Map() };
  const { tasks } = started;
  threads.add(started);
  worker.unref();
  worker.on("message", (answer: WriteAnswer) => {
    tasks.get(answer.number)?.(answer);
    tasks.delete(answer.number);
    if (tasks.size === 0) worker.unref();
  });
  // What a thread that dies leaves undone is done without it.
  worker.on("error", () => undefined);
  worker.once("exit", () => {
    threads.delete(started);
    for (const resolve of tasks.values()) resolve(undefined);
    tasks.clear();
  });
}
