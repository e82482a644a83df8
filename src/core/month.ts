import { SettlementError } from "./error.ts";
import { formatTimestamp, startOfMonthUnixMs } from "./time.ts";

/** A month of the UTC calendar, `YYYY-MM`: the id of a partition. Months compare as texts. */
export type Month = string;

export function isMonth(value: unknown): value is Month {
  return typeof value === "string" && /^(?!9999)\d{4}-(0[1-9]|1[0-2])$/.test(value);
}

/** @throws SettlementError `MONTH_MALFORMED` */
export function parseMonth(value: unknown): Month {
  if (isMonth(value)) return value;
  throw new SettlementError(
    "MONTH_MALFORMED",
    `a month is written YYYY-MM, like 2026-03, not ${JSON.stringify(value)?.slice(0, 40)}`,
  );
}

// Events come month by month: what was asked last is mostly asked again.
let latest: { readonly month: Month; readonly startUnixMs: number; readonly endUnixMs: number } | undefined;

/** The month an instant falls into, UTC. */
export function monthOf(unixMs: number): Month {
  if (latest && unixMs >= latest.startUnixMs && unixMs < latest.endUnixMs) return latest.month;
  const month = formatTimestamp(unixMs).slice(0, 7);
  latest = { month, startUnixMs: monthStartUnixMs(month), endUnixMs: monthEndUnixMs(month) };
  return month;
}

export function nextMonth(month: Month): Month {
  const year = Number(month.slice(0, 4));
  const number = Number(month.slice(5));
  return number === 12
    ? `${String(year + 1).padStart(4, "0")}-01`
    : `${month.slice(0, 5)}${String(number + 1).padStart(2, "0")}`;
}

/** First instant of the month, milliseconds since 1970. */
export function monthStartUnixMs(month: Month): number {
  return startOfMonthUnixMs(Number(month.slice(0, 4)), Number(month.slice(5)));
}

/** First instant after the month, milliseconds since 1970. */
export function monthEndUnixMs(month: Month): number {
  return monthStartUnixMs(nextMonth(month));
}

/** Months from `first` to `last`, both included; empty when `last` is earlier. */
export function monthsBetween(first: Month, last: Month): Month[] {
  const months: Month[] = [];
  for (let month = first; month <= last; month = nextMonth(month)) months.push(month);
  return months;
}
