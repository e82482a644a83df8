import { parseMonth } from "../src/core/month.ts";
import type { ClosedPartition } from "../src/settle/close-partition.ts";
import { closeDue, settleClose } from "../src/settle/settle-months.ts";
import type { JobResult, WorkDeps } from "./work.ts";

/** Closes the month that is named, or every month that is due, and has them anchored. Safe to repeat. */
export async function closeJob({ month }: { readonly month?: string }, deps: WorkDeps): Promise<JobResult> {
  const { enqueue, log } = deps;
  const note = ({ manifest, fresh }: ClosedPartition): void => {
    const { partitionId, count, root, manifestHash } = manifest;
    log({
      level: "info",
      message: fresh ? "closed" : "closed before",
      month: partitionId,
      events: count,
      root,
      manifestHash,
    });
    log({ level: "info", message: "rejected no more", month: partitionId, over: `rejected ${partitionId}` });
  };
  const closed = month === undefined ? await closeDue(deps, note) : [await settleClose(parseMonth(month), deps)];
  if (month !== undefined) closed.forEach(note);
  const months = closed.map(({ manifest }) => manifest.partitionId);
  for (const each of months) await enqueue({ job: "anchor", data: { month: each } });
  if (months.length > 0) await enqueue({ job: "deliver", data: {} });
  return { done: months };
}
