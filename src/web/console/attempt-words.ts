import type { AttemptFacts, LookFacts } from "./operator-data.ts";
import { cellText } from "./event-words.ts";
import { countText, numberText, spanText, timeText } from "./format.ts";

/** About how long a public network takes for a ledger, milliseconds. */
const ledgerMs = 3900;

/** What was done about a transaction again and again, in a sentence. */
export function lookText({ act, said, times, firstAt, lastAt }: LookFacts): string {
  const [first, last] = [timeText(firstAt), timeText(lastAt)];
  const when = times === 1 ? `at ${first}` : `${countText(times, "time")}, from ${first} to ${last}`;
  const word = cellText(said, 200);
  if (act === "send") return `Sent ${when}. A server said: ${word}.`;
  const [state, index] = word.split(" ");
  if (state === "pending") return `Looked up ${when}: in no validated ledger yet, and its deadline not past.`;
  if (state === "expired") return `Looked up ${when}: every ledger up to its deadline was read, and none holds it.`;
  if (state === "validated") return `Looked up ${when}: found in validated ledger ${numberText(Number(index))}.`;
  return `Looked up ${when}, without an answer: ${word}.`;
}

/** How long the network still has, where the newest ledger is known. */
function leftText({ lastLedgerSequence }: AttemptFacts, validatedIndex: number | null): string {
  if (validatedIndex === null) return "";
  const left = lastLedgerSequence - validatedIndex;
  if (left < 0)
    return ` The newest ledger was ${numberText(validatedIndex)} when this node looked last: the deadline is past, and it is being made sure that none holds it.`;
  return ` The newest ledger was ${numberText(validatedIndex)} when this node looked last: ${countText(left, "ledger")} left, about ${spanText(left * ledgerMs)} on a public network.`;
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
