import { SettlementError } from "../src/core/error.ts";
import { whatIsDue } from "../src/settle/reconcile.ts";
import type { JobResult, WorkDeps } from "./work.ts";

/**
 * Compares what should be closed and anchored with what is, and queues the difference: a queue that was lost, or a job that
 * failed for a reason that has passed, is made up for.
 */
export async function reconcileJob(_: object, deps: WorkDeps): Promise<JobResult> {
  const { close, partitions, clock, enqueue, log } = deps;
  try {
    for (const notice of await deps.lookAtChain()) log({ level: "warn", message: notice });
  } catch (error) {
    // The chain's own jobs meet the same fault; what is due is queued whether or not it answers now.
    if (!(error instanceof SettlementError)) throw error;
    log({ level: "warn", message: "the chain cannot be looked at", code: error.code, reason: error.message });
  }
  const due = await whatIsDue({ ...close, partitions, clock });
  if (due.close.length > 0) await enqueue({ job: "close", data: {} });
  for (const month of due.anchor) await enqueue({ job: "anchor", data: { month } });
  for (const month of deps.prove() ? due.prove : []) await enqueue({ job: "prove", data: { month } });
  await enqueue({ job: "deliver", data: {} });
  for (const month of due.rejected) log({ level: "warn", message: "rejected month waits for a human", month });
  const isDue = due.close.length + due.anchor.length > 0;
  log({
    level: isDue ? "info" : "debug",
    message: isDue ? "work is due" : "nothing is due",
    ...due,
  });
  return { done: due };
}
