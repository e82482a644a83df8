import type { Layer, LayerStatus } from "../core/verdict.ts";
import { type Child, definitions, disclosure, el, preformatted } from "./dom.ts";
import { drawTree } from "./draw-tree.ts";
import { drawVotes } from "./draw-votes.ts";
import type { BundleFacts } from "./facts.ts";
import type { Judged } from "./judge-file.ts";
import { tallyText } from "./verdict-text.ts";
import { type Chapter, chapters, layerText, statusTexts } from "./words.ts";

type Proof = Exclude<Judged, { kind: "refused" }>;

const marks: Readonly<Record<LayerStatus, string>> = { pass: "✓", fail: "✗", unproven: "?" };

/** The core says so of what rests on something that does not hold. */
function isSkipped({ status, detail }: Layer): boolean {
  return status === "unproven" && detail.startsWith("not looked at");
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

function step(layer: Layer, proof: Proof): HTMLLIElement {
  const { question, about, hint } = layerText(proof.kind, layer.layer);
  const { status, detail } = layer;
  const skipped = isSkipped(layer);
  const answer = skipped ? "Not looked at" : statusTexts[status];
  const why = el("p", { class: "detail value" }, detail);
  return el(
    "li",
    { class: `step ${status}`, "data-layer": layer.layer, "data-status": status },
    el("span", { class: "mark", "aria-hidden": "true" }, marks[status]),
    el("h4", {}, question, " ", el("span", { class: "answer" }, answer)),
    el("p", { class: "about" }, about),
    // What holds is told on demand, what does not at once.
    ...(status === "pass" ? [disclosure("Values", false, why)] : [why]),
    ...(status === "unproven" && !skipped && hint !== undefined ? [el("p", { class: "hint" }, hint)] : []),
    ...illustrations(layer, proof),
  );
}

function chapter({ title, layers }: Chapter, proof: Proof): HTMLLIElement {
  const found = layers.flatMap((name) => proof.verdict.layers.find(({ layer }) => layer === name) ?? []);
  return el("li", {}, el("h3", {}, title), el("ol", { class: "steps" }, ...found.map((layer) => step(layer, proof))));
}

/** The chain of evidence, link by link. */
export function showChain(section: HTMLElement, judged: Judged): void {
  section.hidden = judged.kind === "refused";
  if (judged.kind === "refused") {
    section.replaceChildren();
    return;
  }
  section.replaceChildren(
    el("h2", { id: "chain-title" }, "The chain of evidence"),
    el("p", { class: "lead" }, `${tallyText(judged.verdict.layers)} Each was checked on this device.`),
    el("ol", { class: "chapters" }, ...chapters[judged.kind].map((each) => chapter(each, judged))),
  );
}
