import { equalBytes, fromHex } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { Manifest } from "./manifest.ts";
import { type Month, monthOf, monthsBetween, nextMonth } from "./month.ts";

/** Files of a ledger: events of each month's file, or one list under `""` in the order of the file. */
export type LedgerFiles = ReadonlyMap<string, readonly LedgerEvent[]>;

/** The part of a closed month's manifest that says which events it holds. */
export type ClosedMonth = Pick<Manifest, "range" | "count">;

/**
 * Which events each month holds, in leaf order, for every month from the first to the last; from the files and the
 * manifests of closed months alone.
 *
 * Where each month has a file, the file says it. In one list (jsonl) a closed month holds the events that no earlier
 * month holds, of that month or before, up to the position of its `range`'s last. All others are in their own month or,
 * when that is closed already, in the next one that closes. So an event that is appended never changes a closed month.
 *
 * @returns months ascending; one without events has an empty list
 * @throws SettlementError `PARTITION_ALTERED` when the last event of a closed month is not in the list any more
 */
export function partitionsOf(
  files: LedgerFiles,
  closed: ReadonlyMap<Month, ClosedMonth>,
): ReadonlyMap<Month, readonly LedgerEvent[]> {
  const list = files.get("");
  const held = list ? byInstant(list, closed) : new Map([...files].map(([month, events]) => [month, [...events]]));
  const months = [...held.keys(), ...closed.keys()].toSorted();
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  return new Map(monthsBetween(first, last).map((month) => [month, held.get(month) ?? []]));
}

function byInstant(
  events: readonly LedgerEvent[],
  closed: ReadonlyMap<Month, ClosedMonth>,
): ReadonlyMap<Month, readonly LedgerEvent[]> {
  const partitions = new Map<Month, LedgerEvent[]>();
  const positions = firstPositions(events);
  let rest = events.map((event, position) => ({ event, position, month: monthOf(event.unixMs) }));
  const closedMonths = [...closed.keys()].toSorted();
  for (const month of closedMonths) {
    const end = endOf(month, closed.get(month)?.range?.[1], positions);
    const isHeld = (at: { readonly position: number; readonly month: Month }): boolean =>
      at.position <= end && at.month <= month;
    partitions.set(
      month,
      rest.filter(isHeld).map((at) => at.event),
    );
    rest = rest.filter((at) => !isHeld(at));
  }
  const lastClosed = closedMonths.at(-1);
  const oldest = lastClosed === undefined ? "" : nextMonth(lastClosed);
  for (const at of rest) {
    const month = at.month < oldest ? oldest : at.month;
    const partition = partitions.get(month);
    if (partition) partition.push(at.event);
    else partitions.set(month, [at.event]);
  }
  return partitions;
}

/** Tells of each event of one list, in the order of the list, which month it is in. */
export type MonthTeller = (unixMs: number, ids: Uint8Array, at: number) => Month;

/**
 * What {@link partitionsOf} says of one list, event by event, by the ids that close the months.
 *
 * @param closed - ascending; `last` is the id of the month's last event
 * @param lastClosed - the last month that is closed, whether it holds events or not
 */
export function monthTeller(
  closed: readonly { readonly month: Month; readonly last: string }[],
  lastClosed: Month | undefined,
): MonthTeller {
  const oldestOpen = lastClosed === undefined ? "" : nextMonth(lastClosed);
  // Closed months whose last event did not come yet.
  let waiting = closed.map(({ month, last }) => ({ month, last: fromHex(last) }));
  return (unixMs, ids, at) => {
    const own = monthOf(unixMs);
    const holder = waiting.find(({ month }) => month >= own)?.month;
    if (waiting.length > 0) {
      const id = ids.subarray(at, at + 32);
      if (waiting.some(({ last }) => equalBytes(last, id)))
        waiting = waiting.filter(({ last }) => !equalBytes(last, id));
    }
    return holder ?? (own < oldestOpen ? oldestOpen : own);
  };
}

/** Position of the last event a closed month can hold; -1 for a month without events. */
function endOf(month: Month, lastId: string | undefined, positions: ReadonlyMap<string, number>): number {
  if (lastId === undefined) return -1;
  const position = positions.get(lastId);
  if (position !== undefined) return position;
  throw new SettlementError(
    "PARTITION_ALTERED",
    `${month} was closed with event ${lastId} as its last, and the ledger does not hold that event any more; ` +
      "restore the events from a copy or from version control",
  );
}

/** A copy of an event that is appended later must not move the end of a month that is closed. */
function firstPositions(events: readonly LedgerEvent[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, { id }] of events.entries()) if (!positions.has(id)) positions.set(id, position);
  return positions;
}

/**
 * The oldest month that is not closed yet: the only one that may be in the ledger log in part.
 *
 * @returns undefined for a ledger that has no month at all
 */
export function oldestOpenMonth(months: Iterable<Month>, closed: Iterable<Month>): Month | undefined {
  const lastClosed = [...closed].toSorted().at(-1);
  return lastClosed === undefined ? [...months].toSorted()[0] : nextMonth(lastClosed);
}

/** Leaves of the ledger log as it is once month `through` is in it: months ascending, each in the order of its leaves. */
export function ledgerLogOrder(
  partitions: ReadonlyMap<Month, readonly LedgerEvent[]>,
  through: Month,
): readonly LedgerEvent[] {
  const months = [...partitions.keys()].filter((month) => month <= through).toSorted();
  return months.flatMap((month) => partitions.get(month) ?? []);
}
