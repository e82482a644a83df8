import { type Child, disclosure, el } from "../dom.ts";
import type { AttemptFacts } from "./operator-data.ts";
import type { Desk } from "./desk.ts";
import { lookText, outcomeText } from "./attempt-words.ts";
import { countText, explorerUrl, numberText } from "./format.ts";
import { faultBox, linesOf } from "./parts.ts";

type Step = readonly Child[];

function signed({ transactionHash, account, network, sequence, feeDrops, signedAtIndex }: AttemptFacts): Step {
  const url = explorerUrl(network, transactionHash);
  const look = url === undefined ? [] : [" (", el("a", { href: url, rel: "noreferrer" }, "explorer"), ")"];
  return [
    "Signed, and stored before anything was sent: transaction ",
    el("code", {}, transactionHash),
    ...look,
    ` of account ${account} on ${network}, sequence ${numberText(sequence)}, fee ${countText(feeDrops, "drop")}. Ledger ${numberText(signedAtIndex)} was the newest then.`,
  ];
}

function deadline({ signedAtIndex, lastLedgerSequence }: AttemptFacts): Step {
  return [
    `It can be in a ledger from ${numberText(signedAtIndex + 1)} to ${numberText(lastLedgerSequence)}, its deadline, and in no later one.`,
  ];
}

const stateLooks = {
  prepared: "◔ prepared",
  submitted: "◑ sent",
  anchored: "✓ anchored",
  expired: "– expired",
  failed: "✗ failed",
} as const;

function blobPart({ data }: Desk, hash: string): HTMLElement {
  const part = disclosure("The signed bytes", false);
  part.addEventListener("toggle", () => {
    if (!part.open || part.children.length > 1) return;
    void data.anchorBlob(hash).then(
      (blob) => part.append(linesOf(blob)),
      (error: unknown) => part.append(faultBox(error)),
    );
  });
  return part;
}

/** One transaction and what became of it, step by step. */
export function attemptStory(attempt: AttemptFacts, desk: Desk, validatedIndex: number | null): HTMLElement {
  const { month, number, state, transactionHash } = attempt;
  const looks = (attempt.looks ?? []).map((look): Step => [lookText(look)]);
  const steps: readonly Step[] = [signed(attempt), deadline(attempt), ...looks, [outcomeText(attempt, validatedIndex)]];
  return el(
    "article",
    { class: `attempt ${state}` },
    el("h3", {}, `${month}, attempt ${number} `, el("span", { class: "look" }, stateLooks[state])),
    el("ol", {}, ...steps.map((step) => el("li", {}, ...step))),
    blobPart(desk, transactionHash),
  );
}
