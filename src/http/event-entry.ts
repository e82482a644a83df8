import type { JsonObject } from "../core/json.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { PartitionView } from "../settle/ledger-view.ts";

/** An event with its place in the ledger. */
export interface EventEntry {
  readonly id: string;
  readonly dialect: Dialect;
  readonly month: Month;
  /** Its leaf in the log of the month. */
  readonly index: number;
  readonly event: JsonObject;
}

export function eventEntry({ month, events }: PartitionView, index: number): EventEntry {
  const event = events[index];
  if (!event) throw new RangeError(`${month} has no leaf ${index}`);
  return { id: event.id, dialect: event.dialect, month, index, event: event.json };
}

/** Events of a month in leaf order, from a leaf on. */
export function* eventEntries(partition: PartitionView, from: number): Generator<EventEntry> {
  for (let index = from; index < partition.events.length; index++) yield eventEntry(partition, index);
}
