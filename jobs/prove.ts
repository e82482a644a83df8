import { parseMonth } from "../src/core/month.ts";
import { settleProof } from "../src/settle/settle-months.ts";
import type { JobResult, WorkDeps } from "./work.ts";

/** One look for the validators' signatures of an anchored month; it comes again until they are found. Safe to repeat. */
export async function proveJob({ month = "" }: { readonly month?: string }, deps: WorkDeps): Promise<JobResult> {
  const { log } = deps;
  const prove = deps.prove();
  if (!prove) return { done: "nobody to listen to" };
  const passed = await settleProof(parseMonth(month), prove, deps);
  if (passed.state === "unproven") {
    log({ level: "debug", message: "not proven yet", month, reason: passed.detail });
    return { againInMs: deps.proveMs };
  }
  if (passed.fresh) log({ level: "info", message: "proven", month, votes: passed.detail });
  await deps.enqueue({ job: "publish", data: { month } });
  return { done: passed.detail };
}
