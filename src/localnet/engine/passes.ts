import { type Transaction } from "./transaction.ts";

/** Passes over transactions that may still succeed once others have; in the last one a failure takes its fee. */
const totalPasses = 3;
const retryPasses = 1;

export type Attempt = (transaction: Transaction, mayRetry: boolean) => "done" | "failed" | "retry";

/** Tries transactions again while others make progress; returns those that still wait (rippled `BuildLedger.cpp`). */
export function applyInPasses(transactions: readonly Transaction[], attempt: Attempt): readonly Transaction[] {
  let waiting = transactions;
  let mayRetry = true;
  for (let pass = 0; pass < totalPasses; pass++) {
    const outcomes = waiting.map((transaction) => ({ transaction, outcome: attempt(transaction, mayRetry) }));
    const hasChanged = outcomes.some(({ outcome }) => outcome === "done");
    waiting = outcomes.filter(({ outcome }) => outcome === "retry").map(({ transaction }) => transaction);
    if (!hasChanged && !mayRetry) break;
    if (!hasChanged || pass >= retryPasses) mayRetry = false;
  }
  return waiting;
}
