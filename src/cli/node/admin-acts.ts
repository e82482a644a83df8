import type { WorkQueue } from "../../../jobs/work-queue.ts";
import { isMonth, type Month } from "../../core/month.ts";
import type { AdminActs, QueuedWork } from "../../http/admin-acts.ts";
import type { Looks } from "../../ports.ts";
import { type HumanActDeps, retryMonth } from "../../settle/human-acts.ts";
import { type ReconcileDeps, whatIsDue } from "../../settle/reconcile.ts";

type AdminActDeps = HumanActDeps & ReconcileDeps & { readonly looks: Looks };

/** What an operator can have a node do. All of it is queued, and whoever does it is written down by the caller. */
export function adminActs(deps: AdminActDeps, queue: WorkQueue): AdminActs {
  const put = async (works: readonly QueuedWork[]): Promise<readonly QueuedWork[]> => {
    for (const { job, month } of works)
      await queue.enqueue({ job: job as "close", data: month === undefined ? {} : { month } });
    return works;
  };
  return {
    close: (month) => put([{ job: "close", ...(month === undefined ? {} : { month }) }]),
    async anchor(month) {
      const months = month === undefined ? await unanchored(deps) : [month];
      return put(months.map((each) => ({ job: "anchor", month: each })));
    },
    async retry(id) {
      if (!isMonth(id)) return queue.retry(id);
      await retryMonth(id, deps);
      await put([{ job: "reconcile" }]);
      return true;
    },
    reconcile: () => put([{ job: "reconcile" }]),
    pause: () => queue.pause(),
    resume: () => queue.resume(),
    jobs: async () => ({
      paused: await queue.isPaused(),
      lanes: await queue.counts(),
      failed: await queue.failed(),
    }),
    attempts: () => deps.attempts.list(),
    looks: (hashes) => deps.looks.list(hashes),
  };
}

async function unanchored(deps: AdminActDeps): Promise<readonly Month[]> {
  return (await whatIsDue(deps)).anchor;
}
