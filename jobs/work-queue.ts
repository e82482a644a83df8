import { type FailedJob, type JobCounts, type LaneBackend, type LaneQueue, openLaneQueue } from "./lane-queue.ts";
import { workId } from "./settlement-jobs.ts";
import type { JobName, Work } from "./work.ts";

/** Data of each job, by its name. */
export type LaneData = Readonly<Record<string, Work["data"]>>;

/** Months are closed and anchored one at a time; neither validators nor who is told of it must hold that up. */
export const lanesOf = {
  notify: ["deliver"],
  prove: ["prove"],
  settle: ["close", "anchor", "publish", "checkpoint", "reconcile"],
} as const satisfies Readonly<Record<string, readonly JobName[]>>;

type LaneName = keyof typeof lanesOf;

function laneOf(job: JobName): LaneName {
  switch (job) {
    case "deliver":
      return "notify";
    case "prove":
      return "prove";
    default:
      return "settle";
  }
}

/** The queue of a settlement node: every lane of it, as an operator sees it. All of it may reject with `QUEUE_UNAVAILABLE`. */
export interface WorkQueue {
  enqueue(work: Work): Promise<void>;
  /** No job is begun until it is resumed, by whatever worker; jobs that run go on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** By lane. */
  counts(): Promise<Readonly<Record<string, JobCounts>>>;
  failed(): Promise<readonly FailedJob[]>;
  /** Has a failed job run again; false when there is none of this id. */
  retry(id: string): Promise<boolean>;
}

/** @param lanes - those that are open; what is queued for another one is dropped, and found again by the reconciler */
export function workQueueOf(lanes: ReadonlyMap<string, LaneQueue<LaneData>>): WorkQueue {
  const all = (): readonly LaneQueue<LaneData>[] => [...lanes.values()];
  return {
    async enqueue(work) {
      const { job, data, delayMs } = work;
      await lanes
        .get(laneOf(job))
        ?.enqueue(job, data, { id: workId(work), ...(delayMs === undefined ? {} : { delayMs }) });
    },
    pause: async () => void (await Promise.all(all().map((lane) => lane.pause()))),
    resume: async () => void (await Promise.all(all().map((lane) => lane.resume()))),
    isPaused: async () => (await Promise.all(all().map((lane) => lane.isPaused()))).some(Boolean),
    counts: async () =>
      Object.fromEntries(
        await Promise.all(Array.from(lanes, async ([name, lane]) => [name, await lane.counts()] as const)),
      ),
    failed: async () => (await Promise.all(all().map((lane) => lane.failed()))).flat(),
    async retry(id) {
      for (const lane of all()) if (await lane.retry(id)) return true;
      return false;
    },
  };
}

/**
 * Opens the queue for who queues work and runs none of it.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`
 */
export async function openWorkQueue(
  backend: LaneBackend,
  onFault: (message: string) => void,
): Promise<WorkQueue & { close(): Promise<void> }> {
  const lanes = new Map<string, LaneQueue<LaneData> & { close(): Promise<void> }>();
  const close = async (): Promise<void> => void (await Promise.all([...lanes.values()].map((lane) => lane.close())));
  try {
    for (const name of Object.keys(lanesOf)) lanes.set(name, await openLaneQueue<LaneData>({ backend, name, onFault }));
  } catch (error) {
    await close();
    throw error;
  }
  return { ...workQueueOf(lanes), close };
}
