import { SettlementError } from "../../core/error.ts";
import { monthEndUnixMs } from "../../core/month.ts";
import { fieldOf, fieldType, readFields } from "../../core/xrpl/fields.ts";
import type { Bar } from "./chart-layout.ts";
import type { EventEntry, MonthSummary } from "./data.ts";
import { eventFacts } from "./event-words.ts";
import { unixMsOf } from "./format.ts";

/** The days of a month with the number of events of each type on each, by the events' own time. */
export function eventsByDay(
  month: string,
  events: readonly Pick<EventEntry, "dialect" | "event">[],
): ReadonlyMap<string, readonly Bar[]> {
  const days = Math.round((monthEndUnixMs(month) - (unixMsOf(`${month}-01T00:00:00Z`) ?? 0)) / 86_400_000);
  const counts = new Map<string, number[]>();
  for (const entry of events) {
    const { type, timestamp } = eventFacts(entry);
    const day = timestamp.startsWith(month) ? Number(timestamp.slice(8, 10)) : 0;
    if (!(day >= 1 && day <= days)) continue;
    const known = counts.get(type) ?? Array.from({ length: days }, () => 0);
    known[day - 1] = (known[day - 1] ?? 0) + 1;
    counts.set(type, known);
  }
  const bars = (values: readonly number[]): readonly Bar[] =>
    values.map((value, at) => ({ name: String(at + 1), value }));
  return new Map([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([type, values]) => [type, bars(values)]));
}

/** Whole hours between the end of a month, UTC, and the close of the ledger that witnessed it. */
export function hoursToAnchor({ month, receipt }: Pick<MonthSummary, "month" | "receipt">): number | undefined {
  const closed = receipt ? unixMsOf(receipt.closeTime) : undefined;
  return closed === undefined ? undefined : Math.max(0, Math.round((closed - monthEndUnixMs(month)) / 3_600_000));
}

/** Whole minutes between the end of a month, UTC, and its close by the node that closed it. */
export function minutesToClose({ month, closedAt }: Pick<MonthSummary, "month" | "closedAt">): number | undefined {
  const closed = closedAt === null ? undefined : unixMsOf(closedAt);
  return closed === undefined ? undefined : Math.max(0, Math.round((closed - monthEndUnixMs(month)) / 60_000));
}

/** What a signed transaction pays, drops; undefined for bytes that are none. */
export function feeOf(blob: Uint8Array): number | undefined {
  try {
    const bytes = fieldOf(readFields(blob), fieldType.amount, 8)?.bytes;
    if (bytes?.length !== 8) return undefined;
    // The two highest bits say that it is XRP and not negative.
    return bytes.reduce((sum, byte, at) => sum * 256 + (at === 0 ? byte & 0x3f : byte), 0);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}
