import type { JobResult, WorkDeps } from "./work.ts";

/** Signs interim checkpoints of what is open. Safe to repeat: one size has one root. */
export async function checkpointJob(_: object, { signCheckpoints, log }: WorkDeps): Promise<JobResult> {
  const heads = await signCheckpoints();
  for (const [origin, size] of heads) log({ level: "info", message: "interim checkpoint", origin, size });
  return { done: Object.fromEntries(heads) };
}
