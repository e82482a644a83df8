import { type Child, definitions, el } from "./dom.ts";
import type { WitnessFacts } from "./facts.ts";
import type { Judged, NamedFile } from "./judge-file.ts";
import { accountText, type Outcome, outcomeOf, verdictText, whenText } from "./verdict-text.ts";

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

function witnessRows(outcome: Outcome, { network, account, transactionHash, ...rest }: WitnessFacts): readonly Row[] {
  const where = network === null ? [] : [` on ${network}`];
  const when = whenText(outcome, { network, account, transactionHash, ...rest });
  return [
    ["When", when],
    ["Account", value(account ?? "unknown"), ...where],
    ["Transaction", value(transactionHash)],
  ];
}

const claimed = " That is its signer’s word; the ledger shows only that it existed by the time above.";

function factRows(judged: Judged): readonly Row[] {
  if (judged.kind === "refused") return [];
  const outcome = outcomeOf(judged);
  if (judged.kind === "xpop") return witnessRows(outcome, judged.facts.witness);
  const { facts } = judged;
  if (!facts) return [];
  const { event, signer, witness } = facts;
  return [
    ["What", value(`${event.type} ${event.about}`)],
    ["Signed by", value(signer.node), ` (${signer.kind}), key `, value(signer.keys.map(({ name }) => name).join(", "))],
    ...(witness ? witnessRows(outcome, witness) : []),
    ["Event says", value(event.timestamp), claimed],
  ];
}

/** One sentence of the core, or why nothing could be read. */
function summary(judged: Judged): readonly HTMLElement[] {
  if (judged.kind !== "refused") return [el("p", { class: "summary value" }, judged.verdict.summary)];
  const code = el("code", {}, judged.code);
  return [el("p", { class: "summary value" }, judged.message), el("p", { class: "code" }, "Error code: ", code)];
}

const serverWarning =
  "Some of the pins were told by the server of this page. Pins from the server you ask prove little: get them from somebody you believe.";

/** The verdict, big, with what it means and what it is about. */
export function showVerdict(section: HTMLElement, { file, judged, isServerTrusted }: Shown): void {
  const outcome = outcomeOf(judged);
  const { word, meaning } = verdictText(judged);
  const whose = accountText(judged);
  const heading = el(
    "h2",
    { tabindex: "-1", id: "verdict-word" },
    el("span", { class: "mark", "aria-hidden": "true" }, marks[outcome]),
    el("span", { class: "word" }, word),
    ...(whose === "" ? [] : [" ", el("span", { class: "whose" }, whose)]),
  );
  section.dataset["verdict"] = outcome;
  section.replaceChildren(
    heading,
    el("p", { class: "meaning" }, meaning),
    ...(isServerTrusted && judged.kind !== "refused" ? [el("p", { class: "warning" }, serverWarning)] : []),
    ...summary(judged),
    definitions([...factRows(judged), ["File", value(file.name)]]),
  );
  section.hidden = false;
}

/** What is read out when a verdict is there. */
export function spokenVerdict(judged: Judged): string {
  const { word, meaning } = verdictText(judged);
  const whose = accountText(judged);
  return `${word}${whose === "" ? "" : `, ${whose}`}. ${meaning}`;
}
