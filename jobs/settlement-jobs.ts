import { anchorJob } from "./anchor.ts";
import { checkpointJob } from "./checkpoint.ts";
import { closeJob } from "./close.ts";
import { deliverJob } from "./deliver.ts";
import { proveJob } from "./prove.ts";
import { publishJob } from "./publish.ts";
import { reconcileJob } from "./reconcile.ts";
import type { JobName, JobResult, Work, WorkDeps } from "./work.ts";

type Job = (data: Work["data"], deps: WorkDeps) => Promise<JobResult>;

/** Every job, the same on every backend. Each may be run again at any time, by several workers at once. */
export const settlementJobs: Readonly<Record<JobName, Job>> = {
  close: closeJob,
  anchor: anchorJob,
  prove: proveJob,
  publish: publishJob,
  deliver: deliverJob,
  reconcile: reconcileJob,
  checkpoint: checkpointJob,
};

/** Name of a piece of work: what bears one name is queued once. */
export function workId({ job, data }: Work): string {
  return data.month === undefined ? job : `${job}-${data.month}`;
}
