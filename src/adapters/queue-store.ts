import { setTimeout as sleep } from "node:timers/promises";
import type { BackendFactory, IQueueBackend } from "bullmq";

/** Where queues are kept, opened. */
export interface QueueStore {
  /** Connects a queue or a worker to it; the connection of its options is a mere word. */
  readonly factory: BackendFactory<IQueueBackend, string>;
  /** Rejects when it does not answer; it need not give up by itself. */
  healthy(): Promise<void>;
  /** Ends every connection, those of workers that hang too. */
  close(): Promise<void>;
}

/** What `work` comes to, or a rejection when that takes too long; the work itself goes on. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const timeout = new AbortController();
  try {
    const late = sleep(timeoutMs, undefined, { signal: timeout.signal });
    return await Promise.race([work, late.then(() => Promise.reject(new Error("no answer in time")))]);
  } finally {
    timeout.abort();
  }
}
