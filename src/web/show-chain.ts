import type { Layer, LayerStatus } from "../core/verdict.ts";
import { type Child, definitions, disclosure, el, preformatted } from "./dom.ts";
import { drawTree } from "./draw-tree.ts";
import { drawVotes } from "./draw-votes.ts";
import type { BundleFacts } from "./facts.ts";
import type { Judged } from "./judge-file.ts";
import { isSkipped, tallyText } from "./verdict-text.ts";
import { type Chapter, chapters, layerText, statusTexts } from "./words.ts";

type Proof = Exclude<Judged, { kind: "refused" }>;

/** How a link of the chain looks. */
type Look = LayerStatus | "skipped";

const marks: Readonly<Record<Look, string>> = { pass: "✓", fail: "✗", unproven: "?", skipped: "–" };

function lookOf(layer: Layer): Look {
  return isSkipped(layer) ? "skipped" : layer.status;
}

/** An event may be as large as a bundle. */
const shownCharacters = 20_000;

function shownEvent({ event }: BundleFacts): HTMLElement {
  const rest = event.json.length - shownCharacters;
  const more = rest > 0 ? `\n… and ${rest} more characters` : "";
  return disclosure("The event itself", false, preformatted(event.json.slice(0, shownCharacters) + more));
}

function shownKeys({ signer }: BundleFacts): HTMLElement {
  const keys = signer.keys.map(
    ({ name, publicKey }) => [name, el("code", {}, publicKey), " (Ed25519, base64)"] as const,
  );
  return disclosure("The key that signed", false, definitions([["Node", el("code", {}, signer.node)], ...keys]));
}

/** What can be shown beside the words of a layer. */
function illustrations({ layer }: Layer, { facts }: Proof): readonly Child[] {
  if (!facts) return [];
  if (layer === "validators") return facts.votes ? [drawVotes(facts.votes)] : [];
  if (!("event" in facts)) return [];
  switch (layer) {
    case "event":
      return [shownEvent(facts)];
    case "signature":
      return [shownKeys(facts)];
    case "inclusion":
      return facts.tree ? [drawTree(facts.tree)] : [];
    default:
      return [];
  }
}

/** Would what the hint says change anything? */
function isHelped(layer: Layer, { kind, verdict, facts }: Proof): boolean {
  if (layer.status !== "unproven" || isSkipped(layer)) return false;
  const isNoAnchor = kind === "xpop" && verdict.layers.some((each) => each.layer === "memo" && each.status !== "pass");
  if (layer.layer === "account" && isNoAnchor) return false;
  // No pin makes good an anchor that is not there yet.
  return layer.layer === "checkpoint" || facts?.witness !== null;
}

function step(layer: Layer, proof: Proof): HTMLLIElement {
  const { question, about, hint } = layerText(proof.kind, layer.layer);
  const { status, detail } = layer;
  const look = lookOf(layer);
  const answer = look === "skipped" ? "Not looked at" : statusTexts[look];
  const why = el("p", { class: "detail value" }, detail);
  return el(
    "li",
    { class: `step ${look}`, "data-layer": layer.layer, "data-status": status },
    el("span", { class: "mark", "aria-hidden": "true" }, marks[look]),
    el("h4", {}, question, " ", el("span", { class: "answer" }, answer)),
    el("p", { class: "about" }, about),
    // What holds is told on demand, what does not at once.
    ...(status === "pass" ? [disclosure("Values", false, why)] : [why]),
    ...(hint !== undefined && isHelped(layer, proof) ? [el("p", { class: "hint" }, hint)] : []),
    ...illustrations(layer, proof),
  );
}

/** A chapter with its layers that the verdict has. */
type Told = readonly [title: string, layers: readonly Layer[]];

function told({ title, layers }: Chapter, { verdict }: Proof): Told {
  return [title, layers.flatMap((name) => verdict.layers.find(({ layer }) => layer === name) ?? [])];
}

/** All of the chain in one line. */
function glance(chain: readonly Told[]): HTMLElement {
  const items = chain.map(([title, layers]) =>
    el(
      "li",
      {},
      el("span", { class: "hidden" }, `${title}: ${tallyText(layers)}`),
      el("span", { "aria-hidden": "true" }, title),
      el(
        "span",
        { class: "marks", "aria-hidden": "true" },
        ...layers.map(lookOf).map((look) => el("span", { class: `mark ${look}` }, marks[look])),
      ),
    ),
  );
  return el("ol", { class: "glance", "aria-label": "The chain at a glance" }, ...items);
}

/** The chain of evidence, link by link. */
export function showChain(section: HTMLElement, judged: Judged): void {
  section.hidden = judged.kind === "refused";
  if (judged.kind === "refused") {
    section.replaceChildren();
    return;
  }
  const chain = chapters[judged.kind].map((each) => told(each, judged));
  section.replaceChildren(
    el("h2", { id: "chain-title" }, "The chain of evidence"),
    glance(chain),
    el("p", { class: "lead" }, `${tallyText(judged.verdict.layers)} All of it was computed on this device.`),
    el(
      "ol",
      { class: "chapters" },
      ...chain.map(([title, layers]) =>
        el("li", {}, el("h3", {}, title), el("ol", { class: "steps" }, ...layers.map((layer) => step(layer, judged)))),
      ),
    ),
  );
}
