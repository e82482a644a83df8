import { applyTransaction, type Outcome } from "./apply-transaction.ts";
import { copyDraft, type Draft } from "./draft.ts";
import { type AccountRoot } from "./entry.ts";
import { type Queue } from "./queue.ts";
import { allowedRetries, type Queued } from "./queue-store.ts";
import { compareSeq } from "./transaction.ts";

const once = { mayRetry: false, failHard: false } as const;

/**
 * Applies all of an account's queued transactions and the one behind them when together they pay for all of them
 * (rippled `TxQ::tryClearAccountQueueUpThruTx`); undefined when they do not, or one fails.
 */
export function clearAhead(queue: Queue, draft: Draft, candidate: Queued, account: AccountRoot): Outcome | undefined {
  const { store, escalation } = queue;
  const { transaction } = candidate;
  const waiting = store
    .of(account.Account)
    .filter(({ transaction: { seq } }) => seq.isTicket || seq.value >= account.Sequence);
  const first = waiting[0];
  const open = draft.applied.size;
  const isFirstTry = first?.retriesLeft === allowedRetries;
  if (transaction.seq.isTicket || !isFirstTry || open <= escalation.expectedTransactions()) return undefined;
  const ahead = waiting.filter((entry) => compareSeq(entry.transaction.seq, transaction.seq) < 0);
  const paid = ahead.reduce((sum, { feeLevel }) => sum + feeLevel, candidate.feeLevel);
  if (paid < escalation.seriesLevel(open, ahead.length + 1)) return undefined;

  const trial = copyDraft(draft);
  for (const entry of ahead) {
    entry.retriesLeft -= 1;
    const { result, isApplied } = applyTransaction(trial, entry.transaction, once);
    if (!isApplied && result !== "tefNO_TICKET") return undefined;
  }
  const outcome = applyTransaction(trial, transaction, once);
  if (!outcome.isApplied) return undefined;
  draft.state = trial.state;
  draft.totalDrops = trial.totalDrops;
  for (const [id, applied] of trial.applied) draft.applied.set(id, applied);
  const replaced = store.find(account.Account, transaction.seq);
  for (const entry of replaced ? [...ahead, replaced] : ahead) store.remove(entry);
  return outcome;
}
