import { type ErrorCode, SettlementError } from "../core/error.ts";

/**
 * What one server may fail in while another answers; where all fail, the first of these that came is thrown, for it leaves
 * the most hope.
 */
const faults: readonly ErrorCode[] = [
  "CHAIN_STALE",
  "CHAIN_UNREACHABLE",
  "CHAIN_ANSWER_MALFORMED",
  "TRANSACTION_NOT_VALIDATED",
  "TRANSACTION_NOT_FOUND",
  "ACCOUNT_NOT_FUNDED",
  "ANCHOR_HISTORY_INCOMPLETE",
  "CHAIN_FORKED",
  "CHAIN_ANSWER_REFUTED",
  "CHAIN_WRONG_NETWORK",
];

/** Something that a server did wrong or does not have, and that says nothing of the others. */
export function isServerFault(error: unknown): error is SettlementError {
  return error instanceof SettlementError && faults.includes(error.code);
}

/** The fault of several that leaves the most hope, its message followed by the others'. */
export function mostHopeful(failed: readonly SettlementError[]): SettlementError {
  const ranked = failed.toSorted((a, b) => faults.indexOf(a.code) - faults.indexOf(b.code));
  const first = ranked[0];
  if (!first) return new SettlementError("CHAIN_UNREACHABLE", "no XRPL server is configured; name one with --endpoint");
  const messages = new Set(ranked.map(({ message }) => message));
  return messages.size === 1 ? first : new SettlementError(first.code, [...messages].join("; "), { cause: first });
}

/**
 * Why no server at all is fit to be used. That what this node has seen is gone is for a human, even while another server is
 * away; else the fault that leaves the most hope.
 */
export function noneIsFit(failed: readonly SettlementError[]): SettlementError {
  return failed.find(({ code }) => code === "CHAIN_FORKED") ?? mostHopeful(failed);
}

/**
 * The first answer that is none of `undefined`, asked one after the other; `undefined`, where it is an answer, when that is
 * all that some had to say.
 *
 * @param onFault - hears what each one failed in
 * @throws SettlementError the most hopeful fault when all failed; at once, what is no single server's fault
 */
export async function firstAnswer<Item, T>(
  items: readonly Item[],
  attempt: (item: Item) => Promise<T>,
  onFault: (item: Item, fault: SettlementError) => void = () => undefined,
): Promise<T> {
  const failed: SettlementError[] = [];
  for (const item of items) {
    try {
      const answer = await attempt(item);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isServerFault(error)) throw error;
      onFault(item, error);
      failed.push(error);
    }
  }
  if (failed.length === items.length) throw mostHopeful(failed);
  // Somebody answered, and it was none of the answers returned above.
  return undefined as T;
}
