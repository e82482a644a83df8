import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import { type Month, monthEndUnixMs, monthOf } from "../core/month.ts";
import type { FindingCode } from "../validate/finding-codes.ts";

/** The months of a ledger as far as they decide where an event goes. */
export interface OpenMonths {
  /** Undefined for a ledger without any event. */
  readonly oldest: Month | undefined;
  readonly hasClosed: boolean;
}

/** Until when events come in for a month. */
export interface Grace {
  readonly nowUnixMs: number;
  /** Time after its end at which a month may be closed, milliseconds. */
  readonly graceMs: number;
}

export type Destination =
  | { readonly month: Month }
  | { readonly code: Extract<FindingCode, "EVENT_LATE" | "MONTH_CLOSING">; readonly reason: string };

/**
 * The door shuts so long before its month may be closed: what is under way by then is in the file before anybody who
 * closes the month reads it.
 */
const shutBeforeMs = 30_000;

/**
 * The month that takes an event: its own while that is open. A late event of the monthly dialect is to be signed again;
 * in the jsonl dialect it falls into the oldest open month, as long as nobody can be closing that one.
 *
 * Nothing comes before the oldest open month, also where no month is closed yet: the ledger log has begun with it.
 */
export function destinationOf(
  event: Pick<LedgerEvent, "unixMs" | "timestamp">,
  dialect: Dialect,
  { oldest, hasClosed }: OpenMonths,
  { nowUnixMs, graceMs }: Grace,
): Destination {
  const own = monthOf(event.unixMs);
  const first = oldest ?? own;
  const canBeLate = dialect === "jsonl" && hasClosed;
  if (own < first && !canBeLate) return late(event, `the ledger takes events of ${first} and later`);
  const month = own < first ? first : own;
  if (month !== first || nowUnixMs < monthEndUnixMs(first) + graceMs - shutBeforeMs) return { month };
  if (dialect === "monthly" || oldest === undefined) return late(event, `${own} is over and takes no more events`);
  return { code: "MONTH_CLOSING", reason: `${first} is being closed; after that, the event falls into the next month` };
}

function late({ timestamp }: Pick<LedgerEvent, "timestamp">, why: string): Destination {
  return { code: "EVENT_LATE", reason: `${timestamp} is too late: ${why}` };
}
