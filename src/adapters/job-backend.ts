import { setTimeout as sleep } from "node:timers/promises";
import {
  type IQueueBackend,
  type JobProgress,
  type Processor,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from "bullmq";
import { SettlementError } from "../core/error.ts";
import { openEmbeddedQueue } from "./embedded-queue.ts";
import { openPostgresQueue } from "./postgres-queue.ts";
import { type QueueStore, within } from "./queue-store.ts";
import { openRedisQueue, type RedisConnection } from "./redis-queue.ts";

export type JobBackendOptions = (
  | { readonly kind: "embedded"; readonly folder: string }
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "redis"; readonly connection: RedisConnection }
) & {
  /** Told what a human should know and nobody need wait for: a queue made anew, a connection lost or back. No secrets. */
  readonly onNotice?: (message: string) => void;
};

type JobQueue = Queue<object, void, string, object, void, string, IQueueBackend, string>;
type JobWorker = Worker<object, void, string, IQueueBackend, JobProgress, string>;
type JobProcessor = Processor<object, void>;

/** BullMQ on one of its stores. */
export interface JobBackend {
  readonly kind: "embedded" | "postgres" | "redis";
  queue(name: string, options?: Omit<QueueOptions<string>, "connection">): JobQueue;
  worker(name: string, processor: JobProcessor, options?: Omit<WorkerOptions<string>, "connection">): JobWorker;
  /** @throws SettlementError `QUEUE_UNAVAILABLE` */
  healthy(): Promise<void>;
  /** Ends every connection. Jobs that still run are left to whoever finds their locks expired. */
  close(): Promise<void>;
}

const healthTimeoutMs = 5000;
/** Time in which queues and workers may end by themselves, and then the store: one that hangs is left. */
const [endTimeoutMs, closeTimeoutMs] = [2000, 10_000];
/** A worker whose look for work failed looks again after this time; BullMQ alone would look at once, for ever. */
const lookAgainMs = 500;
/** Events of a queue that are kept; nobody reads them. */
const maxEvents = 100;

/**
 * Opens the job queue, and makes it where there is none.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`, without passwords in its message
 */
export async function openJobBackend(options: JobBackendOptions): Promise<JobBackend> {
  const store = await openStore(options);
  const factory = patient(store.factory);
  const connection = options.kind;
  const open = new Set<JobQueue | JobWorker>();
  return {
    kind: options.kind,
    queue(name, more = {}) {
      const streams = { events: { maxLen: maxEvents } };
      const queue: JobQueue = new Queue(name, { streams, ...more, connection }, factory);
      queue.on("error", ignore);
      open.add(queue);
      return queue;
    },
    worker(name, processor, more = {}) {
      const worker: JobWorker = new Worker(name, processor, { ...more, connection }, factory);
      worker.on("error", ignore);
      open.add(worker);
      return worker;
    },
    async healthy() {
      try {
        await within(healthTimeoutMs, store.healthy());
      } catch (cause) {
        const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
        throw new SettlementError("QUEUE_UNAVAILABLE", `the job queue (${options.kind}) does not answer${code}`);
      }
    },
    async close() {
      const ends = Promise.allSettled([...open].map((each) => each.close()));
      await within(endTimeoutMs, ends).catch(() => undefined);
      await within(closeTimeoutMs, store.close()).catch(() => undefined);
    },
  };
}

/** Without a listener BullMQ writes errors to the console; who cares for them adds one. */
const ignore = (): void => undefined;

async function openStore(options: JobBackendOptions): Promise<QueueStore> {
  const onNotice = options.onNotice ?? (() => undefined);
  switch (options.kind) {
    case "embedded":
      return openEmbeddedQueue(options.folder, onNotice);
    case "postgres":
      return openPostgresQueue(options.url);
    case "redis":
      return openRedisQueue(options.connection, onNotice);
  }
}

function patient(factory: QueueStore["factory"]): QueueStore["factory"] {
  return (...args) => {
    const backend = factory(...args);
    const look = backend.moveToActive.bind(backend);
    backend.moveToActive = async (...looked) => {
      try {
        return await look(...looked);
      } catch (error) {
        await sleep(lookAgainMs);
        throw error;
      }
    };
    return backend;
  };
}
