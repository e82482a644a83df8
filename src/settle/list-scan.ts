import { SettlementError } from "../core/error.ts";
import type { IndexFacts } from "../core/event-index.ts";
import { monthTeller, type MonthTeller } from "../core/membership.ts";
import type { Month } from "../core/month.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import type { Published } from "./read-closed.ts";

/** What is known of closed months. */
export interface ClosedFacts extends Published {
  readonly month: Month;
  /** Of the files that find its events, where they are there. */
  readonly index: IndexFacts | undefined;
}

/** Where the events of a ledger are, and what was published of them. */
export interface EventFiles {
  /** Has each month a file of its own, or is there one list? */
  readonly form: PartitionForm;
  /** Files of events: each month that has one, ascending, or the one list, `""`. */
  readonly files: readonly (Month | "")[];
  /** Ascending. */
  readonly closed: readonly ClosedFacts[];
}

/**
 * The same files, of which nothing is found by an index. What is signed for ever goes by the events alone: an index is
 * made by whoever can write to the folder.
 */
export function withoutIndex<T extends EventFiles>(files: T): T {
  return { ...files, closed: files.closed.map((each) => ({ ...each, index: undefined })) };
}

/** Where a scan begins, and what tells the months of what it finds. */
export interface ListScan {
  readonly from: number;
  readonly tell: MonthTeller;
}

/**
 * How the one list is scanned for the events that are in none of the months `before`, and of those among them that have
 * no index.
 *
 * @param before - ascending
 * @param closed - all months that the scan has to tell apart; those before when left out
 */
export function listScan(before: readonly ClosedFacts[], closed: readonly ClosedFacts[] = before): ListScan {
  const from = before.every(({ index }) => index) ? (before.at(-1)?.index?.rest ?? 0) : 0;
  const ahead = closed.filter((each) => !before.includes(each) || from === 0 || (each.index?.end ?? 0) > from);
  const ranges = ahead.flatMap(({ month, manifest }) => (manifest?.range ? [{ month, last: manifest.range[1] }] : []));
  return { from, tell: monthTeller(ranges, closed.at(-1)?.month) };
}

/** A closed month ends with the event it was closed with, or the list was altered. */
export function lastIsGone(month: Month, last: string | undefined): SettlementError {
  return new SettlementError(
    "PARTITION_ALTERED",
    `${month} was closed with event ${last} as its last, and the ledger does not hold that event any more; ` +
      "restore the events from a copy or from version control",
  );
}
