import type { JobResult, WorkDeps } from "./work.ts";

/** Tells webhooks what they have not been told; comes again while one cannot be reached. */
export async function deliverJob(_: object, { deliver }: WorkDeps): Promise<JobResult> {
  const againInMs = await deliver();
  return againInMs === undefined ? { done: undefined } : { againInMs };
}
