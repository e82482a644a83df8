import type { Telemetry } from "bullmq";
import type { Work, WorkDeps } from "./work.ts";
import { type Lane, type LaneJob, type JobEvent, startLane } from "./lane.ts";
import type { LaneBackend } from "./lane-queue.ts";
import { settlementJobs } from "./settlement-jobs.ts";
import { type LaneData, lanesOf, type WorkQueue, workQueueOf } from "./work-queue.ts";

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
export interface RunningWorker extends WorkQueue {
  /** Finishes the jobs that run, or hands them back within 10 s. */
  close(): Promise<void>;
}

/** A killed worker's jobs run again within three times as much. */
const lockMs = 10_000;

/**
 * Runs the jobs of a settlement node, the first look at what is due at once. What was queued when another worker was
 * killed goes on here.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`, `CONFIG_INVALID` for a schedule
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { backend, closeCron, checkpointCron, reconcileMs } = options;
  const lanes = new Map<string, Lane<LaneData>>();
  const queue = workQueueOf(lanes);
  const deps: WorkDeps = { ...options.deps, enqueue: queue.enqueue };
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
      const lane = await startLane<LaneData>({
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
    await queue.enqueue({ job: "reconcile", data: {} });
  } catch (error) {
    await close();
    throw error;
  }
  return { ...queue, close };
}
