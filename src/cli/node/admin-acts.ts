import type { RunningWorker } from "../../../jobs/worker.ts";
import type { OpenNode } from "../../compose-node.ts";
import { isMonth, type Month } from "../../core/month.ts";
import type { AdminActs, QueuedWork } from "../../http/admin-acts.ts";
import { type HumanActDeps, retryMonth } from "../../settle/human-acts.ts";
import { whatIsDue } from "../../settle/reconcile.ts";

/** What an operator can have this node do. All of it is queued, and whoever does it is written down by the caller. */
export function adminActs(node: OpenNode, worker: RunningWorker): AdminActs {
  const { settle, state } = node;
  const queue = async (works: readonly QueuedWork[]): Promise<readonly QueuedWork[]> => {
    for (const { job, month } of works)
      await worker.enqueue({ job: job as "close", data: month === undefined ? {} : { month } });
    return works;
  };
  const human: HumanActDeps = { ...node.open, network: settle.network, clock: settle.clock, ...state };
  return {
    close: (month) => queue([{ job: "close", ...(month === undefined ? {} : { month }) }]),
    async anchor(month) {
      const months = month === undefined ? await unanchored(node) : [month];
      return queue(months.map((each) => ({ job: "anchor", month: each })));
    },
    async retry(id) {
      if (!isMonth(id)) return worker.retry(id);
      await retryMonth(id, human);
      await queue([{ job: "reconcile" }]);
      return true;
    },
    reconcile: () => queue([{ job: "reconcile" }]),
    pause: () => worker.pause(),
    resume: () => worker.resume(),
    jobs: async () => ({
      paused: await worker.isPaused(),
      lanes: await worker.counts(),
      failed: await worker.failed(),
    }),
    attempts: () => state.attempts.list(),
  };
}

async function unanchored({ settle }: OpenNode): Promise<readonly Month[]> {
  const { close, partitions, clock } = settle;
  return (await whatIsDue({ ...close, partitions, clock })).anchor;
}
