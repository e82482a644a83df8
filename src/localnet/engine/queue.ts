import { type QueueConfig } from "../engine.ts";
import { applyTransaction, type ApplyMode, type Outcome } from "./apply-transaction.ts";
import { type Ledger } from "./ledger.ts";
import { type Draft, readAccount } from "./draft.ts";
import { type AccountRoot } from "./entry.ts";
import { feeEscalation, type FeeEscalation } from "./fee-escalation.ts";
import { feeLevelOf } from "./fee-level.ts";
import { checkTicket, preclaim, preflight } from "./judge-transaction.ts";
import { drainQueue } from "./queue-drain.ts";
import { queueFault } from "./queue-admission.ts";
import { clearAhead } from "./queue-clear.ts";
import { followingSeq, type Queued, queued, type QueueStore, queueStore } from "./queue-store.ts";
import { isClaim, type Result } from "./results.ts";
import { type Transaction } from "./transaction.ts";

/** The gate to the open ledger: in at once, into the queue, or not at all (rippled `TxQ`). */
export interface Queue {
  readonly config: QueueConfig;
  readonly store: QueueStore;
  readonly escalation: FeeEscalation;
  /** How many may wait; no limit before the first close. */
  limit(): number | undefined;
  admit(draft: Draft, transaction: Transaction, mode: ApplyMode): Outcome;
  /** Learns from a closed ledger and drops what can no longer be in one. */
  learn(ledger: Ledger, draft: Draft, transactions: readonly Transaction[]): void;
  /** Moves what now pays enough into a new open ledger. */
  drain(draft: Draft): void;
  /** The next sequence of an account, behind its queued transactions; 0 without an account. */
  nextSequence(account: AccountRoot | undefined): number;
}

export function transactionQueue(config: QueueConfig): Queue {
  const store = queueStore();
  const escalation = feeEscalation(config);
  let limit: number | undefined;
  const queue: Queue = {
    config,
    store,
    escalation,
    limit: () => limit,
    admit: (draft, transaction, mode) => admit(queue, draft, transaction, mode),
    learn(ledger, draft, transactions) {
      escalation.learn(transactions.map((transaction) => feeLevelOf(draft, transaction)));
      limit = Math.max(escalation.expectedTransactions() * config.ledgersInQueue, config.minimumQueueSize);
      for (const entry of store.byFee()) {
        const last = entry.transaction.json.LastLedgerSequence;
        if (last === undefined || last > ledger.header.index) continue;
        store.penalties(entry.transaction.json.Account).dropPenalty = true;
        store.remove(entry);
      }
      store.forgetEmptyAccounts();
    },
    drain: (draft) => drainQueue(queue, draft),
    nextSequence: (account) => (account ? nextSequence(store, account) : 0),
  };
  return queue;
}

function admit(queue: Queue, draft: Draft, transaction: Transaction, mode: ApplyMode): Outcome {
  const { json, seq } = transaction;
  const malformed = preflight(draft.config, transaction);
  if (malformed !== "tesSUCCESS") return refused(malformed);
  const account = readAccount(draft.state, json.Account);
  if (!account) return refused("terNO_ACCOUNT");
  const paid = feeLevelOf(draft, transaction);
  const isInTurn = seq.isTicket || seq.value === account.Sequence;
  if (isInTurn && paid >= queue.escalation.requiredLevel(draft.applied.size)) {
    const outcome = applyTransaction(draft, transaction, mode);
    const replaced = outcome.isApplied ? queue.store.find(json.Account, seq) : undefined;
    if (replaced) queue.store.remove(replaced);
    return outcome;
  }
  const ticket = seq.isTicket ? checkTicket(draft.state, account, seq) : "tesSUCCESS";
  return ticket === "tesSUCCESS"
    ? enqueue(queue, draft, { account, candidate: queued(transaction, paid), mode })
    : refused(ticket);
}

interface Waiter {
  readonly account: AccountRoot;
  readonly candidate: Queued;
  readonly mode: ApplyMode;
}

/** Puts a transaction in the queue when it would pay its fee later, or lets it in when it pays for all before it. */
function enqueue(queue: Queue, draft: Draft, { account, candidate, mode }: Waiter): Outcome {
  const trial = queueFault(queue, draft, { account, candidate, failHard: mode.failHard });
  if (trial.result !== "tesSUCCESS") return refused(trial.result);
  const claim = preclaim(trial.draft ?? draft, candidate.transaction, mode.mayRetry);
  if (claim !== "tesSUCCESS" && (!isClaim(claim) || mode.mayRetry)) return refused(claim);
  const isAhead = candidate.feeLevel > queue.escalation.requiredLevel(draft.applied.size);
  const cleared = trial.draft && isAhead ? clearAhead(queue, draft, candidate, account) : undefined;
  if (cleared) return cleared;
  const room = trial.makeRoom();
  if (room !== "tesSUCCESS") return refused(room);
  queue.store.put(candidate);
  return refused("terQUEUED");
}

function refused(result: Result): Outcome {
  return { result, isApplied: false };
}

/** The first sequence that neither the ledger nor a queued transaction uses. */
function nextSequence(store: QueueStore, { Account, Sequence }: AccountRoot): number {
  let next = Sequence;
  for (const { transaction } of store.of(Account)) {
    if (transaction.seq.isTicket || transaction.seq.value < Sequence) continue;
    if (transaction.seq.value !== next) break;
    next = followingSeq(transaction);
  }
  return next;
}
