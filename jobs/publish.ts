import { parseMonth } from "../src/core/month.ts";
import { publishMonth } from "../src/settle/publish-month.ts";
import type { JobResult, WorkDeps } from "./work.ts";

/** Makes an anchored month ready for the world, and tells the webhooks. Safe to repeat. */
export async function publishJob({ month = "" }: { readonly month?: string }, deps: WorkDeps): Promise<JobResult> {
  const { tilesRebuilt, verdict } = await publishMonth(parseMonth(month), deps.publish);
  deps.log({ level: "info", message: "published", month, verdict: verdict ?? "no events", tilesRebuilt });
  await deps.enqueue({ job: "deliver", data: {} });
  return { done: verdict };
}
