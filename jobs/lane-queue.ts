import { once } from "node:events";
import type {
  IQueueBackend,
  Job,
  JobProgress,
  JobsOptions,
  JobType,
  Processor,
  Queue,
  QueueOptions,
  Telemetry,
  Worker,
  WorkerOptions,
} from "bullmq";
import { SettlementError } from "../src/core/error.ts";

export type JobQueue = Queue<object, void, string, object, void, string, IQueueBackend, string>;
export type QueuedJob = Job<object, void>;

/** BullMQ on whatever store it is. Who opened it closes it, after the lanes. */
export interface LaneBackend {
  queue(name: string, options?: Omit<QueueOptions<string>, "connection">): JobQueue;
  worker(
    name: string,
    processor: Processor<object, void>,
    options?: Omit<WorkerOptions<string>, "connection">,
  ): Worker<object, void, string, IQueueBackend, JobProgress, string>;
}

export interface LaneQueueOptions {
  readonly backend: LaneBackend;
  /** Without `:`. */
  readonly name: string;
  /** What went wrong where nobody waits for an answer; no secrets. The same is told once a minute at most. */
  readonly onFault?: (message: string) => void;
  /** Spans and counters of BullMQ itself, such as `BullMQOtel`. */
  readonly telemetry?: Telemetry;
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  /** To run at a later time: put off, to be retried, or the next of a schedule. */
  readonly delayed: number;
  readonly failed: number;
}

/** A job that failed for good. */
export interface FailedJob {
  readonly id: string;
  readonly job: string;
  readonly data: object;
  readonly reason: string;
  readonly failedUnixMs: number;
}

/** A queue of jobs by name, where one piece of work is queued once. All of it may reject with `QUEUE_UNAVAILABLE`. */
export interface LaneQueue<Data> {
  /**
   * Queues work that is not queued yet; while a job of this id waits, runs or is delayed, nothing changes. One that failed
   * for good is replaced. A rejection says nothing: it may be queued.
   *
   * @param work.id - the same for the same work in this lane; without `:`
   */
  enqueue<Name extends keyof Data & string>(
    job: Name,
    data: Data[Name],
    work: { readonly id: string; readonly delayMs?: number },
  ): Promise<void>;
  /** No job is begun until it is resumed, by whatever worker, also after restarts; jobs that run go on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  counts(): Promise<JobCounts>;
  /** Those that failed last, newest first. */
  failed(limit?: number): Promise<readonly FailedJob[]>;
  /** Has a failed job run again; false when there is none of this id. */
  retry(id: string): Promise<boolean>;
}

export interface OpenLaneQueue<Data> extends LaneQueue<Data> {
  readonly queue: JobQueue;
  readonly onFault: (error: Error) => void;
  close(): Promise<void>;
}

const answerTimeoutMs = 10_000;
const failedKept = 1000;
const sameFaultMs = 60_000;
const faultsRemembered = 100;

/** Options of every job. How often and when it is tried is for the worker to say; the store counts up to 2³¹ − 1. */
export const jobOptions = {
  attempts: 2 ** 31 - 1,
  backoff: { type: "lane" },
  removeOnComplete: true,
  removeOnFail: { count: failedKept },
  stackTraceLimit: 1,
} as const satisfies JobsOptions;

/**
 * Opens a lane for who queues jobs and does not run them.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`
 */
export async function openLaneQueue<Data>(options: LaneQueueOptions): Promise<OpenLaneQueue<Data>> {
  const { backend, name, telemetry } = options;
  const queue = backend.queue(name, telemetry === undefined ? {} : { telemetry });
  const onFault = faultTeller(options);
  queue.on("error", onFault);
  try {
    await answered(queue.waitUntilReady());
  } catch (error) {
    void queue.close().catch(() => undefined);
    throw error;
  }
  return {
    queue,
    onFault,
    enqueue: (job, data, work) => answered(enqueue(queue, job, data as object, work)),
    pause: () => answered(queue.pause()),
    resume: () => answered(queue.resume()),
    isPaused: () => answered(queue.isPaused()),
    counts: () => answered(counts(queue)),
    failed: (limit = failedKept) => answered(failed(queue, limit)),
    retry: (id) => answered(retry(queue, id)),
    close: () => queue.close(),
  };
}

/** A store that is down fails every look at it, by each of several connections. */
function faultTeller({ name, onFault }: LaneQueueOptions): (error: Error) => void {
  const toldUnixMs = new Map<string, number>();
  return ({ message }) => {
    const now = Date.now();
    if (now - (toldUnixMs.get(message) ?? 0) < sameFaultMs) return;
    if (toldUnixMs.size >= faultsRemembered) toldUnixMs.clear();
    toldUnixMs.set(message, now);
    onFault?.(`lane ${name}: ${message}`);
  };
}

async function enqueue(
  queue: JobQueue,
  job: string,
  data: object,
  { id, delayMs = 0 }: { readonly id: string; readonly delayMs?: number },
): Promise<void> {
  const jobId = storedId(id);
  // In no state is a job that is not there, and what a store that evicts keys has left of one.
  const isQueued = !["failed", "completed", "unknown"].includes(await queue.getJobState(jobId));
  if (isQueued) return;
  await queue.remove(jobId);
  await queue.add(job, data, { ...jobOptions, jobId, delay: delayMs });
}

/** A Redis keeps jobs beside the queue's own keys, so that a job called `delayed` would be taken for all delayed ones. */
const idPrefix = "job.";

/** What BullMQ calls the job. @throws TypeError for an id that BullMQ could not tell from its own */
export function storedId(id: string): string {
  if (id === "" || id.includes(":")) throw new TypeError(`"${id}" is no id for a job: it is empty or has a ":"`);
  return idPrefix + id;
}

export function idOf({ id = "" }: Pick<QueuedJob, "id">): string {
  return id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id;
}

async function counts(queue: JobQueue): Promise<JobCounts> {
  // PostgreSQL counts what waits in a paused queue under another name, which is no type of BullMQ's any more.
  const states = ["waiting", "paused", "active", "delayed", "failed"] as JobType[];
  const { waiting = 0, paused = 0, active = 0, delayed = 0, failed = 0 } = await queue.getJobCounts(...states);
  return { waiting: waiting + paused, active, delayed, failed };
}

async function failed(queue: JobQueue, limit: number): Promise<readonly FailedJob[]> {
  const jobs = await queue.getJobs(["failed"], 0, limit - 1);
  return jobs.map((each) => {
    const { name: job, data, failedReason: reason, finishedOn: failedUnixMs = 0 } = each;
    return { id: idOf(each), job, data, reason, failedUnixMs };
  });
}

async function retry(queue: JobQueue, id: string): Promise<boolean> {
  const job = await queue.getJob(storedId(id));
  if (job === undefined || !(await job.isFailed())) return false;
  await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
  return true;
}

/** An answer of the store in time. An error of it is told by its code alone: those of ioredis bear what was sent. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  const late = once(AbortSignal.timeout(answerTimeoutMs), "abort").then(() => Promise.reject(new Error("too late")));
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    if (error instanceof SettlementError || error instanceof TypeError) throw error;
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new SettlementError("QUEUE_UNAVAILABLE", `the job queue does not answer${code}; is it running?`);
  }
}
