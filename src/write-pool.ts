import { fileFault } from "./adapters/file-faults.ts";
import type { NamedBytes, WriteNew } from "./adapters/write-batch.ts";
import { concatBytes } from "./core/bytes.ts";
import type { SettlementError } from "./core/error.ts";
import { startThread, type Thread } from "./threads.ts";
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

const limits = { maxYoungGenerationSizeMb: 2 };

type Writer = Thread<WriteTask, WriteAnswer>;

/**
 * Writes many new files on threads that make one call after the other: as promises, each of the six calls for a file
 * costs more than the call itself. The threads keep no process alive but while they write.
 */
export function writeThreads(options: WriteThreads = {}): WriteNew {
  const { leastFiles = fewFiles, idleMs = 2000 } = options;
  const threads = new Set<Writer>();
  let idle: NodeJS.Timeout | undefined;
  const endWhenIdle = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      for (const each of threads) {
        if (each.waiting > 0) continue;
        threads.delete(each);
        void each.end();
      }
    }, idleMs).unref();
  };
  return async (root, files) => {
    if (files.length < leastFiles) return files;
    while (threads.size < size) startThread("write-thread", limits, threads);
    const share = Math.ceil(files.length / size);
    const works = Array.from(threads, async (one, at) => {
      const own = files.slice(at * share, (at + 1) * share);
      return { own, answer: await post(one, root, own) };
    });
    const outcomes = await Promise.all(works);
    endWhenIdle();
    for (const { own, answer } of outcomes) if (answer?.fault) throw faultOf(own, answer.fault);
    return outcomes.flatMap(({ own, answer }) => own.filter((_, at) => !answer || answer.taken.includes(at)));
  };
}

/** @returns undefined when the thread has died: what it leaves undone is done without it */
async function post(thread: Writer, root: string, files: readonly NamedBytes[]): Promise<WriteAnswer | undefined> {
  const task: WriteTask = {
    paths: files.map(([path]) => `${root}/${path}`),
    lengths: files.map(([, { length }]) => length),
    bytes: concatBytes(...files.map(([, bytes]) => bytes)),
  };
  return thread.ask(task, [task.bytes.buffer]).catch(() => undefined);
}

function faultOf(files: readonly NamedBytes[], { file, errno }: NonNullable<WriteAnswer["fault"]>): SettlementError {
  const [path = ""] = files[file] ?? [];
  return fileFault("LEDGER_WRITE_FAILED", path, Object.assign(new Error(errno), { code: errno }));
}
