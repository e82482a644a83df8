import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { DelayedError, type Processor, UnrecoverableError, WaitingError } from "bullmq";
import { answered, idOf, type LaneQueue, type LaneQueueOptions, openLaneQueue, type QueuedJob } from "./lane-queue.ts";
import { checkSchedules, keepSchedules, type Schedules, type Tick, tickName } from "./lane-schedules.ts";
import { retryRule } from "./retry-rule.ts";
import type { JobResult } from "./work.ts";

export interface JobContext {
  readonly id: string;
  /** Tries that failed before this one. */
  readonly failures: number;
  /** Aborted when the job is handed back: whatever it still does, it runs again later, here or elsewhere. */
  readonly signal: AbortSignal;
}

export interface LaneJob<Data> {
  /**
   * Safe to repeat, and to run twice at once: a worker that was cut off may still be at it. `againInMs` puts the job off
   * and leaves the lane to others.
   */
  run(data: Data, context: JobContext): Promise<JobResult>;
  /** Tries before a failure that may pass is one for good; without end by default. */
  readonly attempts?: number;
  /** Time after the first failed try; it doubles with each, up to `maxMs`, less up to a half by chance. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
}

/** How a run ended. What the store made of it comes after: where it cannot be told, the job runs again. */
export interface JobEvent {
  readonly lane: string;
  readonly job: string;
  readonly id: string;
  /** `again`: put off, or handed back. `retry`: failed, and comes again. `failed`: for good. */
  readonly outcome: "done" | "again" | "retry" | "failed";
  readonly durationMs: number;
  readonly error?: unknown;
}

export interface LaneOptions<Data> extends LaneQueueOptions {
  readonly jobs: { readonly [Name in keyof Data]: LaneJob<Data[Name]> };
  readonly schedules?: Schedules<Data>;
  /** Jobs that this worker runs at once; another worker of the same lane has its own. */
  readonly concurrency?: number;
  readonly onJob?: (event: JobEvent) => void;
  /** Time after which a worker that is not heard of is taken for gone; its jobs run again within three times as much. */
  readonly lockMs?: number;
  /** Time between two looks whether the store still has the schedules: it may lose them while it runs. */
  readonly scheduleCheckMs?: number;
}

export interface Lane<Data> extends LaneQueue<Data> {
  /**
   * Takes no new job and resolves when none runs any more. Jobs that run after `graceMs` (7 s) are handed back, whether or
   * not they heed their signal; what of that is not done after `handBackMs` (3 s) more is left behind.
   */
  close(times?: { readonly graceMs?: number; readonly handBackMs?: number }): Promise<void>;
}

const defaultLockMs = 30_000;
const defaultBackoff = { firstMs: 1000, maxMs: 600_000 };
const defaultScheduleCheckMs = 60_000;
const lockLost = "another worker may have this job";

type AnyJobs = Readonly<Record<string, LaneJob<object>>>;

/**
 * Runs the jobs of a lane. A failure that may pass is tried again, any other fails for good.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`, `CONFIG_INVALID` for a schedule
 */
export async function startLane<Data>(options: LaneOptions<Data>): Promise<Lane<Data>> {
  const { backend, name, telemetry, concurrency = 1, lockMs = defaultLockMs, schedules = {} } = options;
  checkSchedules(schedules);
  const jobs = options.jobs as unknown as AnyJobs;
  const lane = await openLaneQueue<Data>(options);
  let isClosing = false;
  const { enqueue } = lane as unknown as LaneQueue<Record<string, object>>;
  const processor = runner({ enqueue, jobs, name, isClosing: () => isClosing, onJob: options.onJob });
  const worker = backend.worker(name, processor, {
    concurrency,
    autorun: false,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    // A job whose worker was killed is not to blame, however often it happens.
    maxStalledCount: 2 ** 31 - 1,
    runRetryDelay: 1000,
    settings: { backoffStrategy: (failures, _type, _error, job) => backoffMs(failures, jobs[(job as QueuedJob).name]) },
    ...(telemetry === undefined ? {} : { telemetry }),
  });
  worker.on("error", lane.onFault);
  worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => worker.cancelJob(id, lockLost)));
  const timer = setInterval(
    () => void keepSchedules(lane.queue, schedules).catch(lane.onFault),
    options.scheduleCheckMs ?? defaultScheduleCheckMs,
  ).unref();
  const close: Lane<Data>["close"] = async ({ graceMs = 7000, handBackMs = 3000 } = {}) => {
    isClosing = true;
    clearInterval(timer);
    const ended = new AbortController();
    const { signal } = ended;
    const closed = worker.close().finally(() => ended.abort());
    const forced = (async () => {
      await sleep(graceMs, undefined, { signal });
      worker.cancelAllJobs("the worker is stopping");
      await sleep(handBackMs, undefined, { signal });
    })();
    await Promise.race([closed, forced.catch(() => closed)]);
    await lane.close();
  };
  try {
    await answered(worker.waitUntilReady());
    await keepSchedules(lane.queue, schedules);
  } catch (error) {
    await close({ graceMs: 0, handBackMs: 0 });
    throw error;
  }
  worker.run().catch(lane.onFault);
  return { ...lane, close };
}

/** A job that is put off for less could keep its place before all others, and they would never run. */
const leastPutOffMs = 10;

const neverAborted = new AbortController().signal;

interface Runner {
  readonly enqueue: LaneQueue<Record<string, object>>["enqueue"];
  readonly jobs: AnyJobs;
  readonly name: string;
  readonly isClosing: () => boolean;
  readonly onJob: ((event: JobEvent) => void) | undefined;
}

function runner({ enqueue, jobs, name, isClosing, onJob }: Runner): Processor<object, void> {
  const tick = tickOf(enqueue);
  // BullMQ makes a signal for processors of three parameters alone, so none of them has a default.
  return async (job, token, given) => {
    const signal = given ?? neverAborted;
    if (isClosing()) return handBack(job, token, signal);
    const { name: jobName, attemptsMade: failures } = job;
    const id = idOf(job);
    const startedMs = performance.now();
    const tell = (outcome: JobEvent["outcome"], error?: unknown): void => {
      const durationMs = Math.round(performance.now() - startedMs);
      if (jobName !== tickName) onJob?.({ lane: name, job: jobName, id, outcome, durationMs, error });
    };
    const known = jobName === tickName ? tick : jobs[jobName];
    let result: JobResult;
    try {
      if (known === undefined) throw new UnrecoverableError(`this program knows no job called ${jobName}`);
      result = await unlessAborted(known.run(job.data, { id, failures, signal }), signal);
    } catch (error) {
      if (signal.aborted) {
        tell("again", error);
        return handBack(job, token, signal);
      }
      const cause = error instanceof UnrecoverableError ? error : retryRule(error);
      const isOver = cause instanceof UnrecoverableError || failures + 1 >= (known?.attempts ?? Infinity);
      tell(isOver ? "failed" : "retry", error);
      throw isOver ? new UnrecoverableError(cause.message) : cause;
    }
    if ("done" in result) return tell("done");
    await job.moveToDelayed(Date.now() + Math.max(result.againInMs, leastPutOffMs), token);
    tell("again");
    throw new DelayedError();
  };
}

/** What runs on after that is nobody's: a job is safe to run twice at once. */
async function unlessAborted<T>(run: Promise<T>, signal: AbortSignal): Promise<T> {
  run.catch(() => undefined);
  const over = new AbortController();
  const aborted = once(signal, "abort", { signal: over.signal }).then(() => Promise.reject(signal.reason as unknown));
  aborted.catch(() => undefined);
  try {
    return await (signal.aborted ? Promise.reject(signal.reason as unknown) : Promise.race([run, aborted]));
  } finally {
    over.abort();
  }
}

/** Whoever lost the lock has nothing to hand back: another worker has the job, or it is gone. */
async function handBack(job: QueuedJob, token: string | undefined, { reason }: AbortSignal): Promise<never> {
  if (reason !== lockLost) await job.moveToWait(token);
  throw new WaitingError();
}

function tickOf(enqueue: Runner["enqueue"]): LaneJob<object> {
  return {
    async run(data) {
      const { id, job, data: due } = data as Tick;
      await enqueue(job, due, { id });
      return { done: undefined };
    },
  };
}

function backoffMs(failures: number, job: LaneJob<object> | undefined): number {
  const { firstMs, maxMs } = job?.backoff ?? defaultBackoff;
  const fullMs = Math.min(maxMs, firstMs * 2 ** (failures - 1));
  return Math.ceil(fullMs * (1 - Math.random() / 2));
}
