import { jsonlEventTypes } from "../core/event-types.ts";
import { parseNodeId } from "../core/node-id.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { LedgerView } from "../settle/ledger-view.ts";
import type { EventLeaf } from "../settle/prove-inclusion.ts";
import { searchEvents, type Wanted } from "../settle/search-events.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import { type EventEntry, eventEntry } from "./event-entry.ts";
import { type Page, pageAnswer, pageQuery, readLimit } from "./page.ts";
import { type Input, parseChoice, parseId, parseVersion, type Route } from "./route.ts";

const filterNames = ["repo", "version", "type", "node"] as const;

/** One search for each parameter that is given. */
function readFilters(input: Input, view: LedgerView): Wanted[] {
  const readers: Record<(typeof filterNames)[number], (text: string) => readonly string[]> = {
    repo: (text) => [parseNodeId(text)],
    version: (text) => [parseVersion("version", text)],
    type: (text) => [parseChoice("type", text, jsonlEventTypes)],
    node: (text) => namesOf(parseNodeId(text), view.nodes),
  };
  return filterNames.flatMap((name) => {
    const text = input.query(name);
    return text === undefined ? [] : [{ name, texts: readers[name](text) }];
  });
}

/**
 * What events say that are of a node: its id, or (jsonl, which names none) the id of a key it holds. A search, and no
 * proof of who signed.
 */
function namesOf(id: string, nodes: readonly NodeManifest[]): string[] {
  const node = nodes.find((each) => each.id === id);
  return [id, ...(node?.maintainers.flatMap(({ keyId }) => keyId ?? []) ?? [])];
}

/**
 * Events that say all that is wanted, months ascending and in leaf order, behind the event `after`. A page may end before
 * it is full, where the search has looked at much.
 */
async function pageOf(
  view: LedgerView,
  wanted: readonly Wanted[],
  { after, limit }: { readonly after: EventLeaf | undefined; readonly limit: number },
): Promise<Page<EventEntry>> {
  const items: EventEntry[] = [];
  for (const partition of view.partitions) {
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

export function eventRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/events",
      query: [...filterNames, ...pageQuery],
      answer: async (input) => {
        const view = await context.view();
        const text = input.query("after");
        const [wanted, limit] = [readFilters(input, view), readLimit(input)];
        const after = text === undefined ? text : await context.find(view, parseId("after", text));
        const page = await context.own(() => pageOf(view, wanted, { after, limit }));
        return pageAnswer("events", page, "/v1/events", input, filterNames);
      },
    },
    {
      path: "/v1/events/:id",
      answer: async (input) => {
        const id = parseId("id", input.path("id"));
        const { partition, index } = await context.find(await context.view(), id);
        const links = { proof: `/v1/events/${id}/proof`, partition: `/v1/partitions/${partition.month}` };
        return jsonAnswer({
          ...(await context.own(() => eventEntry(partition, index))),
          state: partition.state,
          links,
        });
      },
    },
  ];
}
