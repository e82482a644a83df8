import type { Telemetry } from "bullmq";
import type { Work, WorkDeps } from "./work.ts";
import { type Lane, type LaneJob, type JobEvent, startLane } from "./lane.ts";
import type { JobCounts, FailedJob, LaneBackend } from "./lane-queue.ts";
import { settlementJobs, workId } from "./settlement-jobs.ts";

export interface WorkerOptions {
  readonly backend: LaneBackend;
  /** Everything but the queue itself. */
  readonly deps: Omit<WorkDeps, "enqueue">;
  /** Cron expression of five fields, UTC. */
  readonly closeCron: string;
  readonly checkpointCron?: string;
  readonly reconcileMs: number;
  readonly onJob?: (event: JobEvent) => void;
  readonly telemetry?: Telemetry;
}

/** A running worker, and what an operator can have it do. */
export interface RunningWorker {
  readonly enqueue: (work: Work) => Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** By lane. */
  counts(): Promise<Readonly<Record<string, JobCounts>>>;
  failed(): Promise<readonly FailedJob[]>;
  /** Has a failed job run again; false when there is none of this id. */
  retry(id: string): Promise<boolean>;
  /** Finishes the jobs that run, or hands them back within 10 s. */
  close(): Promise<void>;
}

type Data = Readonly<Record<string, Work["data"]>>;

/** A killed worker's jobs run again within three times as much. */
const lockMs = 10_000;

/** Months are closed and anchored one at a time; neither validators nor who is told of it must hold that up. */
const lanesOf = {
  notify: ["deliver"],
  prove: ["prove"],
  settle: ["close", "anchor", "publish", "checkpoint", "reconcile"],
} as const;

function laneOf(job: Work["job"]): string {
  switch (job) {
    case "deliver":
      return "notify";
    case "prove":
      return "prove";
    default:
      return "settle";
  }
}

/**
 * Runs the jobs of a settlement node, the first look at what is due at once. What was queued when another worker was
 * killed goes on here.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`, `CONFIG_INVALID` for a schedule
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { backend, closeCron, checkpointCron, reconcileMs } = options;
  const lanes = new Map<string, Lane<Data>>();
  const enqueue = async (work: Work): Promise<void> => {
    const name = laneOf(work.job);
    const { delayMs } = work;
    // A lane that is not open yet is being opened; what it misses, the reconciler finds.
    await lanes
      .get(name)
      ?.enqueue(work.job, work.data, { id: workId(work), ...(delayMs === undefined ? {} : { delayMs }) });
  };
  const deps: WorkDeps = { ...options.deps, enqueue };
  const jobOf = (name: keyof typeof settlementJobs): [string, LaneJob<Work["data"]>] => [
    name,
    { run: (data) => settlementJobs[name](data, deps) },
  ];
  const schedules = {
    close: { job: "close", data: {}, cron: closeCron },
    reconcile: { job: "reconcile", data: {}, everyMs: reconcileMs },
    ...(checkpointCron === undefined ? {} : { checkpoint: { job: "checkpoint", data: {}, cron: checkpointCron } }),
  };
  const close = async (): Promise<void> => void (await Promise.all([...lanes.values()].map((lane) => lane.close())));
  try {
    for (const [name, jobs] of Object.entries(lanesOf)) {
      const lane = await startLane<Data>({
        backend,
        name,
        lockMs,
        jobs: Object.fromEntries(jobs.map(jobOf)),
        schedules: name === "settle" ? schedules : {},
        onFault: (message) => deps.log({ level: "warn", message }),
        ...(options.onJob ? { onJob: options.onJob } : {}),
        ...(options.telemetry === undefined ? {} : { telemetry: options.telemetry }),
      });
      lanes.set(name, lane);
    }
    await enqueue({ job: "reconcile", data: {} });
  } catch (error) {
    await close();
    throw error;
  }
  const all = [...lanes.values()];
  return {
    enqueue,
    pause: async () => void (await Promise.all(all.map((lane) => lane.pause()))),
    resume: async () => void (await Promise.all(all.map((lane) => lane.resume()))),
    isPaused: async () => (await Promise.all(all.map((lane) => lane.isPaused()))).some(Boolean),
    counts: async () =>
      Object.fromEntries(
        await Promise.all(Array.from(lanes, async ([name, lane]) => [name, await lane.counts()] as const)),
      ),
    failed: async () => (await Promise.all(all.map((lane) => lane.failed()))).flat(),
    async retry(id) {
      for (const lane of all) if (await lane.retry(id)) return true;
      return false;
    },
    close,
  };
}
