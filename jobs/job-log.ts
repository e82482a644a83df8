import { SettlementError } from "../src/core/error.ts";
import { isMonth } from "../src/core/month.ts";
import type { Log } from "../src/ports.ts";
import type { JobEvent } from "./lane.ts";

/** What passes within so long by itself is nothing a human has to read, milliseconds. */
const patienceMs = 600_000;

/**
 * Tells the log how the run of a job ended.
 *
 * @param log - see `patientLog`, by which a job that fails again and again is told of now and then
 */
export function logJob(log: Log, { job, id, outcome, durationMs, error }: Omit<JobEvent, "lane">): void {
  const month = isMonth(id.slice(-7)) ? id.slice(-7) : undefined;
  const about = { month, job };
  const trouble = `job ${id}`;
  if (error === undefined || outcome === "again") {
    log({ level: "debug", message: "job", ...about, outcome, durationMs });
    return log({ level: "info", message: "goes on; the trouble is over", ...about, over: trouble });
  }
  const isOver = outcome === "failed";
  const reason = error instanceof SettlementError ? { code: error.code, reason: error.message } : { error };
  log({
    level: isOver ? "error" : "warn",
    message: isOver ? "stopped; a human has to look" : "fails; is tried again by itself",
    ...about,
    ...reason,
    trouble,
    ...(isOver ? { todo: "see settlement status" } : { patienceMs }),
  });
}
