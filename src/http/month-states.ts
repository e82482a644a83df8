import { SettlementError } from "../core/error.ts";
import { type Month, monthEndUnixMs, monthsBetween, nextMonth } from "../core/month.ts";
import { formatTimestamp } from "../core/time.ts";
import type { PartitionRecord } from "../ports.ts";
import { type MonthStatus, monthStatuses } from "../settle/node-status.ts";
import type { LedgerView, PartitionView } from "../settle/ledger-view.ts";

/** What the node that closes and anchors the months knows beside their files. */
export interface Settling {
  records(): Promise<readonly PartitionRecord[]>;
  /** See `Partitions.closedTimes`. */
  closedTimes(): Promise<ReadonlyMap<Month, number>>;
  /** Time after a month during which events may still come, milliseconds. */
  readonly graceMs: number;
}

/** The month that has to be closed next. */
interface DueMonth {
  readonly month: Month;
  readonly closableAt: string;
  /** Months that are over, can be closed, and are open. */
  readonly overdue: number;
}

interface MonthNow {
  readonly month: Month;
  readonly status: MonthStatus["state"];
  readonly count: number;
  /** By the clock of the node that closed it; null where that is not known. */
  readonly closedAt: string | null;
}

/** How far each month of a ledger is, for everybody: no reasons, which are for operators. */
export interface MonthsNow {
  readonly months: readonly MonthNow[];
  /** Null while a ledger holds no event, and where nobody says what the grace is. */
  readonly next: DueMonth | null;
}

/** Who only serves a ledger sees `proven` by the file of the validators' signatures. */
function statusOf({ state }: MonthStatus, { xpop }: PartitionView): MonthStatus["state"] {
  return state === "anchored" && xpop !== undefined ? "proven" : state;
}

function dueIn({ partitions }: LedgerView, graceMs: number, nowUnixMs: number): DueMonth | null {
  const last = partitions.at(-1)?.month;
  if (last === undefined) return null;
  const month = partitions.find(({ state }) => state === "open")?.month ?? nextMonth(last);
  const endsBy = (each: Month): number => monthEndUnixMs(each) + graceMs;
  const now = formatTimestamp(nowUnixMs).slice(0, 7);
  const overdue = monthsBetween(month, now).filter((each) => endsBy(each) <= nowUnixMs).length;
  return { month, closableAt: formatTimestamp(endsBy(month)), overdue };
}

interface Recorded {
  readonly records: readonly PartitionRecord[];
  readonly closed: ReadonlyMap<Month, number>;
}

/** While the state is away, the files alone say how far the months are. */
async function recordedBy(settling: Settling | undefined): Promise<Recorded> {
  const nothing: Recorded = { records: [], closed: new Map() };
  if (!settling) return nothing;
  try {
    const [records, closed] = await Promise.all([settling.records(), settling.closedTimes()]);
    return { records, closed };
  } catch (error) {
    if (error instanceof SettlementError && error.kind === "unavailable") return nothing;
    throw error;
  }
}

export async function monthsNow(
  view: LedgerView,
  settling: Settling | undefined,
  nowUnixMs: number,
): Promise<MonthsNow> {
  const { records, closed } = await recordedBy(settling);
  const statuses = monthStatuses(view, { records, attempts: [] });
  const months = view.partitions.flatMap((partition, at): MonthNow[] => {
    const status = statuses[at];
    const closedMs = partition.manifest && closed.get(partition.month);
    const closedAt = closedMs === undefined ? null : formatTimestamp(closedMs);
    const { month, events } = partition;
    return status ? [{ month, status: statusOf(status, partition), count: events.count, closedAt }] : [];
  });
  return { months, next: settling ? dueIn(view, settling.graceMs, nowUnixMs) : null };
}
