import type { JsonObject } from "../core/json.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { PartitionView } from "./ledger-view.ts";
import { searchEvents, type Wanted } from "./search-events.ts";

/** An event with its place in the ledger. */
export interface EventEntry {
  readonly id: string;
  readonly dialect: Dialect;
  readonly month: Month;
  /** Its leaf in the log of the month. */
  readonly index: number;
  readonly event: JsonObject;
}

/** A month whose events can be read. */
export type EventMonth = Pick<PartitionView, "month" | "events">;

/** Where an event is. */
interface Leaf {
  readonly partition: Pick<EventMonth, "month">;
  readonly index: number;
}

export interface EventPage {
  readonly items: readonly EventEntry[];
  /** What to give as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

export async function eventEntry({ month, events }: EventMonth, index: number): Promise<EventEntry> {
  const event = await events.at(index);
  return { id: event.id, dialect: event.dialect, month, index, event: event.json };
}

/** Events of a month in leaf order, from a leaf on. */
export async function* eventEntries(partition: EventMonth, from: number): AsyncGenerator<EventEntry> {
  for (let index = from; index < partition.events.count; index++) yield await eventEntry(partition, index);
}

/**
 * What events say that are of a node: its id, or (jsonl, which names none) the id of a key it holds. A search, and no
 * proof of who signed.
 */
export function namesOfNode(id: string, nodes: readonly NodeManifest[]): string[] {
  const node = nodes.find((each) => each.id === id);
  return [id, ...(node?.maintainers.flatMap(({ keyId }) => keyId ?? []) ?? [])];
}

/**
 * Events that say all that is wanted, months ascending and in leaf order, behind the event `after`. A page may end before
 * it is full, where the search has looked at much.
 */
export async function searchPage(
  partitions: readonly EventMonth[],
  wanted: readonly Wanted[],
  { after, limit }: { readonly after: Leaf | undefined; readonly limit: number },
): Promise<EventPage> {
  const items: EventEntry[] = [];
  for (const partition of partitions) {
    const { month, events } = partition;
    if (after && month < after.partition.month) continue;
    const from = month === after?.partition.month ? after.index + 1 : 0;
    for await (const { leaf, isHit } of searchEvents(events, wanted, from)) {
      const last = items.at(-1);
      if (!isHit) return { items, next: (await events.at(leaf - 1)).id };
      if (items.length === limit && last) return { items, next: last.id };
      items.push(await eventEntry(partition, leaf));
    }
  }
  return { items };
}
