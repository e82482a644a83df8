import { SettlementError } from "../src/core/error.ts";
import type { Month } from "../src/core/month.ts";
import { type Due, whatIsDue } from "../src/settle/reconcile.ts";
import type { JobResult, WorkDeps } from "./work.ts";

/** A look at the chain that fails now and then is made up for by the next. */
const lookPatienceMs = 15 * 60_000;
/** Whoever is told that a month was rejected has an hour before being reminded. */
const humanPatienceMs = 3_600_000;

function named(name: string, months: readonly Month[]): Readonly<Record<string, string>> {
  return months.length === 0 ? {} : { [name]: months.join(" ") };
}

/** The same work is told of once, however often it is found. */
function workOf({ close, anchor }: Due): string {
  return `due ${close.join(" ")} ${anchor.join(" ")}`;
}

/**
 * Compares what should be closed and anchored with what is, and queues the difference: a queue that was lost, or a job that
 * failed for a reason that has passed, is made up for.
 */
export async function reconcileJob(_: object, deps: WorkDeps): Promise<JobResult> {
  const { close, partitions, clock, enqueue, log } = deps;
  try {
    const notices = await deps.lookAtChain();
    for (const notice of notices) log({ level: "warn", message: notice, trouble: "account" });
    if (notices.length === 0) log({ level: "info", message: "the account can pay again", over: "account" });
    log({ level: "info", message: "the chain can be looked at again", over: "chain" });
  } catch (error) {
    // The chain's own jobs meet the same fault; what is due is queued whether or not it answers now.
    if (!(error instanceof SettlementError)) throw error;
    const { code, message: reason } = error;
    const message = "the chain cannot be looked at; it is tried again by itself";
    log({ level: "warn", message, code, reason, trouble: "chain", patienceMs: lookPatienceMs });
  }
  const due = await whatIsDue({ ...close, partitions, clock, tell: deps.tell });
  if (due.close.length > 0) await enqueue({ job: "close", data: {} });
  for (const month of due.anchor) await enqueue({ job: "anchor", data: { month } });
  for (const month of deps.prove() ? due.prove : []) await enqueue({ job: "prove", data: { month } });
  await enqueue({ job: "deliver", data: {} });
  for (const month of due.rejected) {
    const todo = `repair the ledger, then settlement retry ${month}`;
    const trouble = `rejected ${month}`;
    log({
      level: "warn",
      message: "rejected, and waits for a human",
      month,
      todo,
      trouble,
      patienceMs: humanPatienceMs,
    });
  }
  const isDue = due.close.length + due.anchor.length > 0;
  log({
    level: isDue ? "info" : "debug",
    message: isDue ? "work is due" : "nothing is due",
    ...named("close", due.close),
    ...named("anchor", due.anchor),
    ...named("prove", deps.prove() ? due.prove : []),
    ...(isDue ? { trouble: workOf(due) } : {}),
  });
  return { done: due };
}
