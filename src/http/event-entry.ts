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

export async function eventEntry({ month, events }: PartitionView, index: number): Promise<EventEntry> {
  const event = await events.at(index);
  return { id: event.id, dialect: event.dialect, month, index, event: event.json };
}

/** Events of a month in leaf order, from a leaf on. */
export async function* eventEntries(partition: PartitionView, from: number): AsyncGenerator<EventEntry> {
  for (let index = from; index < partition.events.count; index++) yield await eventEntry(partition, index);
}
