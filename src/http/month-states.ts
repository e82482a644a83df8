import { SettlementError } from "../core/error.ts";
import { type Month, monthEndUnixMs, monthsBetween, nextMonth } from "../core/month.ts";
import { formatTimestamp } from "../core/time.ts";
import type { PartitionRecord } from "../ports.ts";
import { type MonthStatus, monthStatuses } from "../settle/node-status.ts";
import type { LedgerView, PartitionView } from "../settle/ledger-view.ts";

/** What the node that closes and anchors the months knows beside their files. */
export interface Settling {
  records(): Promise<readonly PartitionRecord[]>;
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

/** How far each month of a ledger is, for everybody: no reasons, which are for operators. */
export interface MonthsNow {
  readonly months: readonly { readonly month: Month; readonly status: MonthStatus["state"]; readonly count: number }[];
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

/** While the state is away, the files alone say how far the months are. */
async function recordsOf(settling: Settling | undefined): Promise<readonly PartitionRecord[]> {
  try {
    return (await settling?.records()) ?? [];
  } catch (error) {
    if (error instanceof SettlementError && error.kind === "unavailable") return [];
    throw error;
  }
}

export async function monthsNow(
  view: LedgerView,
  settling: Settling | undefined,
  nowUnixMs: number,
): Promise<MonthsNow> {
  const statuses = monthStatuses(view, { records: await recordsOf(settling), attempts: [] });
  const months = view.partitions.flatMap((partition, at) => {
    const status = statuses[at];
    return status
      ? [{ month: partition.month, status: statusOf(status, partition), count: partition.events.count }]
      : [];
  });
  return { months, next: settling ? dueIn(view, settling.graceMs, nowUnixMs) : null };
}
