import { emitterOf, eventTypes, type NodeKind } from "../../core/event-types.ts";
import { type Child, definitions, el } from "../dom.ts";
import type { NodeSummary, ServerFacts } from "./data.ts";
import type { Desk, View } from "./desk.ts";
import { countText, numberText } from "./format.ts";
import { cellText } from "./event-words.ts";
import { growingTable, link, paragraph, type Row, section, sourceLine, table } from "./parts.ts";

const kindTexts: Readonly<Record<NodeKind, string>> = {
  registry: "keeps the list of nodes",
  attestor: "checks what others publish and says what it found",
  policy: "says which rules were broken",
  oracle: "reports what it watches: builds, vulnerabilities",
  compute: "makes releases",
  settlement: "closes and anchors the months",
  governance: "decides for the network",
  identity: "vouches for who is who",
};

/** The types of event that a kind of node may sign, in the monthly dialect. */
export function typesOf(kind: string): readonly string[] {
  return eventTypes.filter((type) => emitterOf[type] === kind);
}

function kindsTable(nodes: readonly NodeSummary[], { dialect }: ServerFacts): readonly HTMLElement[] {
  const kinds = Object.entries(kindTexts).map(([kind, about]): Row => {
    const count = nodes.filter((node) => node.kind === kind).length;
    const types = typesOf(kind);
    return [kind, about, numberText(count), types.length === 0 ? "—" : types.join(", ")];
  });
  const made = table("Kinds of node", ["Kind", "What it does", "Nodes", "May sign"], kinds);
  const policy = "In this ledger the network’s own policy says whom else attestations are taken from.";
  return [made, ...(dialect === "jsonl" ? [el("p", { class: "about" }, policy)] : [])];
}

const shownNames = 6;

function namesCell(names: readonly string[]): Child {
  const rest = names.length - shownNames;
  const shown = names.slice(0, shownNames).map((name) => cellText(name, 60));
  return el("span", { class: "value" }, `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`);
}

function nodeRow({ id, kind, description, provides }: NodeSummary): Row {
  return [
    link({ kind: "node", id }, id),
    cellText(kind, 30),
    el("span", { class: "value" }, cellText(description, 120)),
    namesCell(provides),
  ];
}

const nodesHead = ["Node", "Kind", "About", "Provides"] as const;

/** Nodes whose id or capability holds a text, found among all while somebody types. */
function nodesList(nodes: readonly NodeSummary[]): readonly HTMLElement[] {
  const list = el("div", {});
  const told = el("p", { role: "status" });
  const field = el("input", {
    type: "text",
    id: "node-filter",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  const show = (): void => {
    const wanted = field.value.trim().toLowerCase();
    const holds = (text: string): boolean => text.toLowerCase().includes(wanted);
    const found =
      wanted === ""
        ? nodes
        : nodes.filter(({ id, provides, kind }) => holds(id) || kind === wanted || provides.some(holds));
    const rowAt = (at: number): Row => nodeRow(found[at] as NodeSummary);
    told.textContent = `${countText(found.length, "node")}${wanted === "" ? "" : ` of ${numberText(nodes.length)}`}.`;
    list.replaceChildren(...growingTable("Nodes", nodesHead, { count: found.length, rowAt }));
  };
  field.addEventListener("input", show);
  show();
  const label = el("label", { for: "node-filter" }, "Narrow down by name, kind or capability");
  return [el("div", { class: "field" }, label, field), told, list];
}

interface Capability {
  readonly providers: string[];
  readonly consumers: string[];
}

/** Every capability with who provides and who consumes it, by name. */
function capabilitiesOf(nodes: readonly NodeSummary[]): ReadonlyMap<string, Capability> {
  const found = new Map<string, Capability>();
  const entry = (name: string): Capability => {
    const known = found.get(name) ?? { providers: [], consumers: [] };
    found.set(name, known);
    return known;
  };
  for (const { id, provides, consumes } of nodes) {
    for (const name of new Set(provides)) entry(name).providers.push(id);
    for (const name of new Set(consumes)) entry(name).consumers.push(id);
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nodeLinks(ids: readonly string[]): Child {
  if (ids.length === 0) return "nobody";
  const links = ids.slice(0, shownNames).flatMap((id, at) => [at === 0 ? "" : ", ", link({ kind: "node", id }, id)]);
  const rest = ids.length - shownNames;
  return el("span", {}, ...links, rest > 0 ? ` and ${numberText(rest)} more` : "");
}

function capabilityRows(nodes: readonly NodeSummary[]): readonly HTMLElement[] {
  const capabilities = [...capabilitiesOf(nodes)];
  if (capabilities.length === 0) return [el("p", { class: "none" }, "No node names any.")];
  const rowAt = (at: number): Row => {
    const [name = "", { providers, consumers } = { providers: [], consumers: [] }] = capabilities[at] ?? [];
    return [el("span", { class: "value" }, cellText(name, 100)), nodeLinks(providers), nodeLinks(consumers)];
  };
  return growingTable("Capabilities", ["Capability", "Provided by", "Consumed by"], {
    count: capabilities.length,
    rowAt,
  });
}

/** Who is in the network, and what each may do. */
export async function networkPage({ data }: Desk): Promise<View> {
  const [facts, nodes] = await Promise.all([data.facts(), data.nodes()]);
  const accounts = facts.accounts.map(
    ({ network, account }) => [`Account on ${network}`, el("code", {}, account)] as const,
  );
  const identity = definitions([
    ["Network", facts.network],
    ["Ledger", el("span", { class: "value" }, facts.origin ?? "not named yet")],
    ["Settlement key", facts.key === null ? "none yet" : el("code", {}, facts.key)],
    ...accounts,
  ]);
  const source = (): Child => sourceLine(data.urlOf("v1/registry/nodes"));
  return {
    title: "The network",
    body: [
      paragraph(
        `${countText(nodes.length, "node")} may sign events here. Each is a repository with keys of its own; its kind says what it may speak of.`,
      ),
      section("who-title", `What this ${data.source} says of itself`, identity, sourceLine(data.urlOf("v1"))),
      section("nodes-title", "Nodes", ...nodesList(nodes), source()),
      section("kinds-title", "Who signs what", ...kindsTable(nodes, facts)),
      section("capabilities-title", "Capabilities", ...capabilityRows(nodes), source()),
    ],
  };
}
