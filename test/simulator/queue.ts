import type { JobResult, Work } from "../../jobs/work.ts";
import { workId } from "../../jobs/settlement-jobs.ts";
import type { Actor } from "./boundary.ts";
import type { Chance } from "./chance.ts";
import type { Timeline } from "./timeline.ts";

/** How a run of a job ended. */
export type JobEnd = JobResult | { readonly retry: unknown } | { readonly failed: unknown };

/** The job queue of a host: one piece of work by one name, one worker at a time, and again when that one is not heard of. */
export interface SimulatedQueue {
  add(work: Work): void;
  /** Resolves when there is work for this worker. */
  take(actor: Actor): Promise<Work>;
  finish(actor: Actor, work: Work, end: JobEnd): void;
  /** Loses everything. */
  clear(): void;
}

interface Job {
  readonly work: Work;
  readonly dueMs: number;
  readonly tries: number;
  /** Who runs it, and until when the queue believes so. */
  readonly lock?: { readonly actor: Actor; readonly untilMs: number };
}

/** A worker that is not heard of for so long has lost its job to another one. */
const lockMs = 30_000;
const firstBackoffMs = 1000;
const longestBackoffMs = 16_000;

export function simulatedQueue({ chance, timeline }: { chance: Chance; timeline: Timeline }): SimulatedQueue {
  const jobs = new Map<string, Job>();
  const idle: { readonly actor: Actor; readonly start: (work: Work) => void }[] = [];

  function put(work: Work, delayMs: number, tries: number): void {
    jobs.set(workId(work), { work, dueMs: timeline.nowMs() + delayMs, tries });
    timeline.after(delayMs, dispatch);
  }

  function dispatch(): void {
    const now = timeline.nowMs();
    for (let at = idle.length - 1; at >= 0; at--) if (!idle[at]?.actor.isAlive) idle.splice(at, 1);
    while (idle.length > 0) {
      const due = [...jobs].filter(
        ([, { dueMs, lock }]) => dueMs <= now && (lock === undefined || lock.untilMs <= now),
      );
      if (due.length === 0) return;
      const [id, job] = chance.pick(due);
      const [taker] = idle.splice(chance.below(idle.length), 1);
      if (!taker) return;
      jobs.set(id, { ...job, lock: { actor: taker.actor, untilMs: now + lockMs } });
      timeline.after(lockMs, dispatch);
      taker.start(job.work);
    }
  }

  return {
    add(work) {
      if (!jobs.has(workId(work))) put(work, work.delayMs ?? 0, 0);
    },
    take: (actor) =>
      new Promise((start) => {
        idle.push({ actor, start });
        dispatch();
      }),
    finish(actor, work, end) {
      const id = workId(work);
      const job = jobs.get(id);
      // Who lost the lock has no say any more.
      if (job?.lock?.actor !== actor) return;
      jobs.delete(id);
      if ("againInMs" in end) put(work, end.againInMs, 0);
      if ("retry" in end) put(work, Math.min(firstBackoffMs * 2 ** job.tries, longestBackoffMs), job.tries + 1);
    },
    clear: () => jobs.clear(),
  };
}
