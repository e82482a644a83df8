import { SettlementError } from "../core/error.ts";
import { parseNodeId } from "../core/node-id.ts";
import { inTreeOrder, type NodeManifest } from "../core/node-manifest.ts";
import type { LedgerView } from "../settle/ledger-view.ts";
import { jsonAnswer } from "./answer.ts";
import type { Context } from "./context.ts";
import { pageAnswer, pageQuery, readLimit, takePage } from "./page.ts";
import type { Route } from "./route.ts";

function linksOf(id: string): Record<string, string> {
  return { self: `/v1/nodes/${id}`, events: `/v1/events?node=${encodeURIComponent(id)}` };
}

function summaryOf({ id, kind, provides, consumes }: NodeManifest): Record<string, unknown> & { id: string } {
  return { id, kind, provides, consumes, links: linksOf(id) };
}

interface Capability {
  readonly capability: string;
  readonly providers: string[];
  readonly consumers: string[];
}

/** Every capability that a node names, with who provides and who consumes it, by name. */
function capabilitiesOf(nodes: readonly NodeManifest[]): Capability[] {
  const found = new Map<string, Capability>();
  const entry = (capability: string): Capability => {
    const known = found.get(capability) ?? { capability, providers: [], consumers: [] };
    found.set(capability, known);
    return known;
  };
  for (const { id, provides, consumes } of inTreeOrder(nodes)) {
    for (const name of new Set(provides)) entry(name).providers.push(id);
    for (const name of new Set(consumes)) entry(name).consumers.push(id);
  }
  return [...found.values()].toSorted((a, b) => (a.capability < b.capability ? -1 : 1));
}

function requireNode(view: LedgerView, text: string): NodeManifest {
  const id = parseNodeId(text);
  const node = view.nodes.find((each) => each.id === id);
  if (node) return node;
  throw new SettlementError("NODE_NOT_FOUND", `the ledger registers no node ${id}`);
}

export function nodeRoutes(context: Context): readonly Route[] {
  return [
    {
      path: "/v1/nodes",
      query: pageQuery,
      answer: async (input) => {
        const view = await context.view();
        const text = input.query("after");
        const after = text === undefined ? "" : parseNodeId(text);
        const nodes = inTreeOrder(view.nodes).filter(({ id }) => id > after);
        return pageAnswer(
          "nodes",
          await takePage(nodes.map(summaryOf), readLimit(input), ({ id }) => id),
          "/v1/nodes",
          input,
        );
      },
    },
    {
      path: "/v1/nodes/:org/:repo",
      answer: async (input) => {
        const { id, json } = requireNode(await context.view(), `${input.path("org")}/${input.path("repo")}`);
        return jsonAnswer({ id, node: json, links: linksOf(id) });
      },
    },
    {
      path: "/v1/capabilities",
      answer: async () => jsonAnswer({ capabilities: capabilitiesOf((await context.view()).nodes) }),
    },
  ];
}
