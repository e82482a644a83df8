import { localNotice } from "../core/receipt.ts";
import type { VerdictWord } from "../core/verdict.ts";
import { type Child, definitions, disclosure, el } from "./dom.ts";
import type { BundleFacts, WitnessFacts } from "./facts.ts";
import type { Judged, NamedFile } from "./judge-file.ts";
import { accountText, type Outcome, outcomeOf, type Standing, verdictText, whenText } from "./verdict-text.ts";

const marks: Readonly<Record<Outcome, string>> = {
  proven: "✓",
  anchored: "✓",
  unproven: "?",
  failed: "✗",
  refused: "✗",
};

export interface Shown {
  readonly file: NamedFile;
  readonly judged: Judged;
  /** Said by the server of this page, and believed on its word. */
  readonly isServerTrusted: boolean;
}

type Row = readonly [name: string, ...values: readonly Child[]];

function value(text: string): HTMLElement {
  return el("span", { class: "value" }, text);
}

function witnessOf(judged: Judged): WitnessFacts | null {
  return judged.kind === "refused" ? null : (judged.facts?.witness ?? null);
}

function witnessRows(outcome: Standing, witness: WitnessFacts): readonly Row[] {
  const { network, account, transactionHash } = witness;
  const where = network === null ? "" : ` on ${network}`;
  return [
    ["When", whenText(outcome, witness)],
    ["Account", value(account ?? "unknown"), where],
    ["Transaction", el("code", {}, transactionHash)],
  ];
}

/** An event's own time is no more than a claim. */
function claimText(outcome: Standing): string {
  const known = outcome === "proven" || outcome === "anchored";
  return `. That is its signer’s word${known ? "; the ledger shows only that it existed by the time above." : "."}`;
}

const notAnchored: Row = ["When", "Its month is closed and not anchored yet: ask for a new proof later."];

function bundleRows(outcome: VerdictWord, facts: BundleFacts): readonly Row[] {
  const { event, signer, witness } = facts;
  const what = value(`${event.type} ${event.about}`);
  // What is contradicted is told as a claim, and no more of it than what it is about.
  if (outcome === "failed") return [["It claims", what]];
  return [
    ["What", what],
    ["Signed by", value(signer.node), ` (${signer.kind}), key `, value(signer.keys.map(({ name }) => name).join(", "))],
    ...(witness ? witnessRows(outcome, witness) : [notAnchored]),
    ["Event says", value(event.timestamp), claimText(outcome)],
  ];
}

function factRows(judged: Judged): readonly Row[] {
  if (judged.kind === "refused") return [];
  const outcome = judged.verdict.verdict;
  if (judged.kind === "bundle") return judged.facts ? bundleRows(outcome, judged.facts) : [];
  const { witness } = judged.facts;
  if (outcome === "failed") return [["It claims", "transaction ", el("code", {}, witness.transactionHash)]];
  return witnessRows(outcome, witness);
}

function sentence(text: string): HTMLElement {
  return el("p", { class: "summary value" }, text);
}

/** What is wrong, where something is. */
function fault(judged: Judged): readonly HTMLElement[] {
  if (judged.kind !== "refused") return judged.verdict.verdict === "failed" ? [sentence(judged.verdict.summary)] : [];
  return [sentence(judged.message), el("p", { class: "code" }, "Error code: ", el("code", {}, judged.code))];
}

/** The sentence of the core, for those who want to quote it. */
function quote(judged: Judged): readonly HTMLElement[] {
  if (judged.kind === "refused" || judged.verdict.verdict === "failed") return [];
  return [disclosure("In one sentence, to quote", false, sentence(judged.verdict.summary))];
}

const serverWarning =
  "Some of the pins were told by the server of this page. Pins from the server you ask prove little: get them from somebody you believe.";

function warnings({ judged, isServerTrusted }: Shown): readonly HTMLElement[] {
  const outcome = outcomeOf(judged);
  if (outcome === "refused" || outcome === "failed") return [];
  const isLocal = witnessOf(judged)?.network === "local";
  const texts = [...(isLocal ? [localNotice] : []), ...(isServerTrusted ? [serverWarning] : [])];
  return texts.map((text) => el("p", { class: "warning" }, text));
}

function isPinned(judged: Judged): boolean {
  return judged.kind !== "refused" && judged.verdict.account.pinned;
}

/** The verdict, big, with what it means and what it is about. */
export function showVerdict(section: HTMLElement, shown: Shown): void {
  const { file, judged } = shown;
  const outcome = outcomeOf(judged);
  const { word, meaning } = verdictText(judged);
  const whose = accountText(judged);
  const heading = el(
    "h2",
    { tabindex: "-1", id: "verdict-word" },
    el("span", { class: "mark", "aria-hidden": "true" }, marks[outcome]),
    el("span", { class: "word" }, word),
    ...(whose === "" ? [] : [" ", el("span", { class: isPinned(judged) ? "whose" : "whose open" }, whose)]),
  );
  section.dataset["verdict"] = outcome;
  section.replaceChildren(
    heading,
    el("p", { class: "meaning" }, meaning),
    ...warnings(shown),
    ...fault(judged),
    definitions([...factRows(judged), ["File", value(file.name)]]),
    ...quote(judged),
  );
  section.hidden = false;
}

/** What is read out when a verdict is there. */
export function spokenVerdict(judged: Judged): string {
  const { word, meaning } = verdictText(judged);
  const whose = accountText(judged);
  return `${word}${whose === "" ? "" : `, ${whose}`}. ${meaning}`;
}
