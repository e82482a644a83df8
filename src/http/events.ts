import { jsonlEventTypes } from "../core/event-types.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { parseNodeId } from "../core/node-id.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { LedgerView } from "../settle/ledger-view.ts";
import { findEvent } from "../settle/prove-inclusion.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import { type EventEntry, eventEntry } from "./event-entry.ts";
import { pageAnswer, pageQuery, readLimit, takePage } from "./page.ts";
import { type Input, parseChoice, parseId, parseVersion, type Route } from "./route.ts";

type EventFilter = (event: LedgerEvent) => boolean;

const filterNames = ["repo", "version", "type", "node"] as const;

/** One filter for each parameter that is given. */
function readFilters(input: Input, view: LedgerView): EventFilter[] {
  const makers: Record<(typeof filterNames)[number], (text: string) => EventFilter> = {
    repo(text) {
      const repo = parseNodeId(text);
      return (event) => event.repo === repo;
    },
    version(text) {
      const version = parseVersion("version", text);
      return (event) => event.version === version;
    },
    type(text) {
      const type = parseChoice("type", text, jsonlEventTypes);
      return (event) => event.type === type;
    },
    node(text) {
      const id = parseNodeId(text);
      return ofNode(
        id,
        view.nodes.find((node) => node.id === id),
      );
    },
  };
  return filterNames.flatMap((name) => {
    const text = input.query(name);
    return text === undefined ? [] : [makers[name](text)];
  });
}

/**
 * Events that say they are of a node: by its id, or (jsonl, which names none) by the id of a key it holds. A search, and
 * no proof of who signed.
 */
function ofNode(id: string, node: NodeManifest | undefined): EventFilter {
  const keyIds = new Set(node?.maintainers.flatMap(({ keyId }) => keyId ?? []));
  return (event) => event.nodeId === id || (event.keyId !== undefined && keyIds.has(event.keyId));
}

/** Events that pass every filter, months ascending and in leaf order, behind the event `after`. */
function* matching(
  view: LedgerView,
  filters: readonly EventFilter[],
  after: string | undefined,
): Generator<EventEntry> {
  const start = after === undefined ? undefined : findEvent(view, after);
  for (const partition of view.partitions) {
    if (start && partition.month < start.partition.month) continue;
    const from = partition.month === start?.partition.month ? start.index + 1 : 0;
    for (let index = from; index < partition.events.length; index++) {
      const event = partition.events[index];
      if (event && filters.every((passes) => passes(event))) yield eventEntry(partition, index);
    }
  }
}

export function eventRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/events",
      query: [...filterNames, ...pageQuery],
      answer: async (input) => {
        const view = await context.view();
        const after = input.query("after");
        const found = matching(view, readFilters(input, view), after === undefined ? after : parseId("after", after));
        return pageAnswer(
          "events",
          takePage(found, readLimit(input), ({ id }) => id),
          "/v1/events",
          input,
          filterNames,
        );
      },
    },
    {
      path: "/v1/events/:id",
      answer: async (input) => {
        const id = parseId("id", input.path("id"));
        const { partition, index } = findEvent(await context.view(), id);
        const links = { proof: `/v1/events/${id}/proof`, partition: `/v1/partitions/${partition.month}` };
        return jsonAnswer({ ...eventEntry(partition, index), state: partition.state, links });
      },
    },
  ];
}
