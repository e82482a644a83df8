import { isDeepStrictEqual } from "node:util";
import { getNextMillis, type RepeatOptions } from "bullmq";
import { SettlementError } from "../src/core/error.ts";
import { answered, type JobQueue, jobOptions, storedId } from "./lane-queue.ts";

/** A job that comes again by itself: by the clock in UTC, or at once and then after the same time each. */
export type Schedule<Data> = {
  readonly [Name in keyof Data & string]: { readonly job: Name; readonly data: Data[Name] };
}[keyof Data & string] &
  ({ readonly cron: string } | { readonly everyMs: number });

/** By id, which is that of the job too: it is not queued again while it is queued already. */
export type Schedules<Data> = Readonly<Record<string, Schedule<Data>>>;

/** What the store holds of a schedule: a job that queues the one that is due. */
export interface Tick {
  readonly id: string;
  readonly job: string;
  readonly data: object;
}

export const tickName = "tick";

/** @throws SettlementError `CONFIG_INVALID` for a cron expression that is none, or never comes */
export function checkSchedules<Data>(schedules: Schedules<Data>): void {
  for (const [id, schedule] of Object.entries(schedules)) {
    storedId(id);
    if ("cron" in schedule && nextUnixMs(schedule.cron) === undefined)
      throw new SettlementError(
        "CONFIG_INVALID",
        `schedule ${id}: "${schedule.cron}" is no time that comes; see cron(5)`,
      );
  }
}

function nextUnixMs(pattern: string): number | undefined {
  try {
    return getNextMillis(Date.now(), { pattern, tz: "UTC" });
  } catch {
    return undefined;
  }
}

/**
 * Makes the schedules of a lane these and no others. One that is there as it should be is left alone, so that a time
 * that passed while nothing ran is made up for, once.
 *
 * @throws SettlementError `QUEUE_UNAVAILABLE`
 */
export async function keepSchedules<Data>(queue: JobQueue, schedules: Schedules<Data>): Promise<void> {
  const found = await answered(queue.getJobSchedulers());
  for (const { key } of found) {
    if (!Object.hasOwn(schedules, key)) await answered(queue.removeJobScheduler(key));
  }
  for (const [id, schedule] of Object.entries(schedules)) {
    const { job, data } = schedule;
    const tick: Tick = { id, job, data: data as object };
    const times: Pick<RepeatOptions, "pattern" | "every" | "tz"> =
      "cron" in schedule ? { pattern: schedule.cron, tz: "UTC" } : { every: schedule.everyMs };
    const kept = found.find(({ key }) => key === id);
    const isSame = isDeepStrictEqual(
      [kept?.pattern, kept?.every, kept?.template?.data],
      [times.pattern, times.every, tick],
    );
    // Its next job can be missing: a Redis that evicts, or a store that was restored.
    const hasNext = isSame && (await answered(queue.getJob(`repeat:${id}:${kept?.next}`))) !== undefined;
    if (!hasNext) await answered(queue.upsertJobScheduler(id, times, { name: tickName, data: tick, opts: jobOptions }));
  }
}
