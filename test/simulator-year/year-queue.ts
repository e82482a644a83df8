import { workId } from "../../jobs/settlement-jobs.ts";
import type { Work } from "../../jobs/work.ts";
import type { Actor } from "../simulator/boundary.ts";
import type { JobEnd } from "../simulator/queue.ts";
import type { Timeline } from "../simulator/timeline.ts";

/** The job queue of a node with one worker, with the times of the real one. */
export interface YearQueue {
  add(work: Work): void;
  take(actor: Actor): Promise<Work>;
  finish(actor: Actor, work: Work, end: JobEnd): void;
  /** Is something under way, or due soon? */
  isBusy(): boolean;
  counts(): Readonly<Record<string, number>>;
}

interface Job {
  readonly work: Work;
  readonly dueMs: number;
  readonly tries: number;
  readonly lock?: { readonly actor: Actor; readonly untilMs: number };
}

const lockMs = 600_000;
const soonMs = 60_000;

/** @param onStart - hears that work begins, before it does */
export function yearQueue(timeline: Timeline, onStart: () => void): YearQueue {
  const jobs = new Map<string, Job>();
  let idle: { readonly actor: Actor; readonly start: (work: Work) => void } | undefined;

  function put(work: Work, delayMs: number, tries: number): void {
    jobs.set(workId(work), { work, dueMs: timeline.nowMs() + delayMs, tries });
    timeline.after(delayMs, dispatch);
  }

  function dispatch(): void {
    const now = timeline.nowMs();
    const taker = idle;
    if (!taker?.actor.isAlive) return;
    const due = [...jobs].find(
      ([, { dueMs, lock }]) => dueMs <= now && (!lock || !lock.actor.isAlive || lock.untilMs <= now),
    );
    if (!due) return;
    const [id, job] = due;
    idle = undefined;
    jobs.set(id, { ...job, lock: { actor: taker.actor, untilMs: now + lockMs } });
    onStart();
    taker.start(job.work);
  }

  return {
    add(work) {
      if (!jobs.has(workId(work))) put(work, work.delayMs ?? 0, 0);
    },
    take: (actor) =>
      new Promise((start) => {
        idle = { actor, start };
        dispatch();
      }),
    finish(actor, work, end) {
      const id = workId(work);
      const job = jobs.get(id);
      if (job?.lock?.actor !== actor) return;
      jobs.delete(id);
      if ("againInMs" in end) put(work, end.againInMs, 0);
      if ("retry" in end) put(work, Math.min(1000 * 2 ** job.tries, 600_000), job.tries + 1);
    },
    isBusy: () => [...jobs.values()].some(({ dueMs }) => dueMs <= timeline.nowMs() + soonMs),
    counts() {
      const delayed = [...jobs.values()].filter(({ lock }) => !lock).length;
      return { active: jobs.size - delayed, delayed };
    },
  };
}
