import { type Child, disclosure, el } from "../dom.ts";
import type { AttemptFacts } from "./data.ts";
import type { Desk } from "./desk.ts";
import { cellText } from "./event-words.ts";
import { countText, explorerUrl, numberText, spanText } from "./format.ts";
import { faultBox, linesOf } from "./parts.ts";

/** About how long a public network takes for a ledger, milliseconds. */
const ledgerMs = 3900;

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

/** How long the network still has, where the newest ledger is known. */
function leftText({ lastLedgerSequence }: AttemptFacts, validatedIndex: number | null): string {
  if (validatedIndex === null) return "";
  const left = lastLedgerSequence - validatedIndex;
  if (left < 0)
    return ` The newest ledger is ${numberText(validatedIndex)}: the deadline is past, and it is being made sure that none holds it.`;
  return ` The newest ledger is ${numberText(validatedIndex)}: ${countText(left, "ledger")} left, about ${spanText(left * ledgerMs)} on a public network.`;
}

/** What became of it, and what that means for a human. */
export function outcomeText(attempt: AttemptFacts, validatedIndex: number | null): string {
  const { state, ledgerIndex, lastLedgerSequence } = attempt;
  const result = cellText(attempt.result ?? "no result", 300);
  switch (state) {
    case "prepared":
      return `It may have been sent or not. Nothing is lost either way: the same bytes are sent at the next look, and no other.${leftText(attempt, validatedIndex)}`;
    case "submitted":
      return `Handed to a server, which said: ${result}. That is no promise, so it is looked up and sent again until a validated ledger holds it, or none can.${leftText(attempt, validatedIndex)}`;
    case "anchored":
      return `Looked up and found in validated ledger ${numberText(ledgerIndex ?? 0)}: ${result}. The month is anchored.`;
    case "expired":
      return `Looked up until it was sure that no ledger up to ${numberText(lastLedgerSequence)} holds it${attempt.result === null ? "" : ` (${result})`}. It can never be validated any more, so another may be signed.`;
    case "failed":
      return `Validated${ledgerIndex === null ? "" : ` in ledger ${numberText(ledgerIndex)}`} without success: ${result}. Its fee is paid and nothing was anchored. No other is signed before a human looked at the reason and let the month go on.`;
    default:
      return state satisfies never;
  }
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
  const steps: readonly Step[] = [signed(attempt), deadline(attempt), [outcomeText(attempt, validatedIndex)]];
  return el(
    "article",
    { class: `attempt ${state}` },
    el("h3", {}, `${month}, attempt ${number} `, el("span", { class: "look" }, stateLooks[state])),
    el("ol", {}, ...steps.map((step) => el("li", {}, ...step))),
    blobPart(desk, transactionHash),
  );
}
