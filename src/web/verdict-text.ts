import type { Layer, LayerStatus, VerdictWord } from "../core/verdict.ts";
import type { WitnessFacts } from "./facts.ts";
import type { Judged } from "./judge-file.ts";
import { refusedText, type VerdictText, verdictTexts } from "./words.ts";

/** How a verdict looks: its word, or that there is no verdict. */
export type Outcome = VerdictWord | "refused";

/** A verdict that leaves what the file says standing. */
export type Standing = Exclude<Outcome, "failed" | "refused">;

export function outcomeOf(judged: Judged): Outcome {
  return judged.kind === "refused" ? "refused" : judged.verdict.verdict;
}

/** What the general words say too much or too little for. */
function meaningOf({ kind, verdict, facts }: Exclude<Judged, { kind: "refused" }>): string {
  const { meaning } = verdictTexts[verdict.verdict];
  if (verdict.verdict !== "proven") return meaning;
  const held = kind === "xpop" ? "transaction" : "record";
  if (facts?.witness?.network === "local")
    return `The validators of a local network signed the ledger that holds this ${held}.`;
  return `The network’s validators signed the ledger that holds this ${held}. You need nobody’s word for it.`;
}

export function verdictText(judged: Judged): VerdictText {
  if (judged.kind === "refused") return refusedText;
  return { word: verdictTexts[judged.verdict.verdict].word, meaning: meaningOf(judged) };
}

function statusOf(layers: readonly Layer[], name: string): string | undefined {
  return layers.find(({ layer }) => layer === name)?.status;
}

/** Whose anchor it is, to be said in the first line; empty where there is none to speak of. */
export function accountText(judged: Judged): string {
  if (judged.kind === "refused" || judged.verdict.account.address === null) return "";
  const { layers, verdict } = judged.verdict;
  if (verdict === "failed") return statusOf(layers, "account") === "fail" ? "by another account than you pinned" : "";
  if (judged.kind === "xpop" && statusOf(layers, "memo") === "unproven") return "a transaction, not an anchor";
  return statusOf(layers, "account") === "pass" ? "by the account you pinned" : "by an account nobody pinned";
}

/** `YYYY-MM-DD HH:MM:SS UTC`, of `YYYY-MM-DDTHH:MM:SSZ`. */
function utcText(time: string): string {
  return time.replace("T", " ").replace("Z", " UTC");
}

/** When it existed, no more exactly and no more certainly than is known. */
export function whenText(outcome: Standing, witness: WitnessFacts): string {
  const { ledgerIndex, closeTime, closeResolutionS, isCloseTimeAgreed } = witness;
  const exact = isCloseTimeAgreed
    ? `±\u00a0${closeResolutionS}\u00a0s`
    : "(the validators did not agree on the time, so it says little)";
  const closed = `XRPL ledger ${ledgerIndex} closed, ${utcText(closeTime)} ${exact}`;
  switch (outcome) {
    case "proven":
      return `It existed when ${closed}.`;
    case "anchored":
      return `It existed when ${closed}: so says the settlement node that you pinned.`;
    case "unproven":
      return `The file says that it existed when ${closed}. Nothing you trust confirms it.`;
    default:
      return outcome satisfies never;
  }
}

/** The core says so of what rests on something that does not hold. */
export function isSkipped({ status, detail }: Layer): boolean {
  return status === "unproven" && detail.startsWith("not looked at");
}

/** How many links of the chain hold. */
export function tallyText(layers: readonly Layer[]): string {
  const skipped = layers.filter(isSkipped).length;
  const count = (status: LayerStatus): number => layers.filter((each) => each.status === status).length;
  const part = (number: number, one: string, several: string): readonly string[] =>
    number === 0 ? [] : [`${number} ${number === 1 ? one : several}`];
  const parts = [
    `${count("pass")} of ${layers.length} links hold`,
    ...part(count("fail"), "is contradicted", "are contradicted"),
    ...part(count("unproven") - skipped, "is not shown", "are not shown"),
    ...part(skipped, "was not looked at", "were not looked at"),
  ];
  return `${parts.join(", ")}.`;
}
