import type { Layer, Verdict } from "../core/verdict.ts";
import type { WitnessFacts } from "./facts.ts";
import type { Judged } from "./judge-file.ts";
import { refusedText, type VerdictText, verdictTexts } from "./words.ts";

/** How a verdict looks: its word, or that there is no verdict. */
export type Outcome = Verdict["verdict"] | "refused";

export function outcomeOf(judged: Judged): Outcome {
  return judged.kind === "refused" ? "refused" : judged.verdict.verdict;
}

/** An XPOP is of a transaction, which need not anchor anything. */
const xpopMeaning: Partial<Readonly<Record<Outcome, string>>> = {
  proven:
    "The network’s validators signed the ledger that holds this transaction. You need nobody’s word for it.",
};

export function verdictText(judged: Judged): VerdictText {
  if (judged.kind === "refused") return refusedText;
  const text = verdictTexts[judged.verdict.verdict];
  const meaning = judged.kind === "xpop" ? xpopMeaning[judged.verdict.verdict] : undefined;
  return meaning === undefined ? text : { ...text, meaning };
}

function statusOf(layers: readonly Layer[], name: string): string | undefined {
  return layers.find(({ layer }) => layer === name)?.status;
}

/** Whose anchor it is, to be said in the first line; empty where there is none to speak of. */
export function accountText(judged: Judged): string {
  if (judged.kind === "refused" || judged.verdict.account.address === null) return "";
  const { layers } = judged.verdict;
  if (judged.kind === "xpop" && statusOf(layers, "memo") === "unproven") return "a transaction, not an anchor";
  switch (statusOf(layers, "account")) {
    case "pass":
      return "by the account you pinned";
    case "fail":
      return "by another account than you pinned";
    default:
      return "by an account nobody pinned";
  }
}

/** `YYYY-MM-DD HH:MM:SS UTC`, of `YYYY-MM-DDTHH:MM:SSZ`. */
export function utcText(time: string): string {
  return time.replace("T", " ").replace("Z", " UTC");
}

/** When it existed, no more exactly and no more certainly than is known. */
export function whenText(outcome: Outcome, witness: WitnessFacts): string {
  const { ledgerIndex, closeTime, closeResolutionS, isCloseTimeAgreed } = witness;
  const exact = isCloseTimeAgreed
    ? `± ${closeResolutionS} s`
    : "(the validators did not agree on the time, so it says little)";
  const closed = `XRPL ledger ${ledgerIndex} closed, ${utcText(closeTime)} ${exact}`;
  switch (outcome) {
    case "proven":
      return `It existed when ${closed}.`;
    case "anchored":
      return `It existed when ${closed}: so says the settlement node that you pinned.`;
    case "unproven":
      return `The file says that it existed when ${closed}. Nothing you trust confirms it.`;
    case "failed":
    case "refused":
      return "The file is contradicted, so it shows no time.";
    default:
      return outcome satisfies never;
  }
}

/** How many links of the chain hold. */
export function tallyText(layers: readonly Layer[]): string {
  const count = (status: string): number => layers.filter((each) => each.status === status).length;
  const [fails, open] = [count("fail"), count("unproven")];
  const parts = [
    `${count("pass")} of ${layers.length} links hold`,
    ...(fails > 0 ? [`${fails} ${fails === 1 ? "is" : "are"} contradicted`] : []),
    ...(open > 0 ? [`${open} ${open === 1 ? "is" : "are"} not shown`] : []),
  ];
  return `${parts.join(", ")}.`;
}
