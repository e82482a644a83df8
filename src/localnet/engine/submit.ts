import { type SubmitOutcome, type SubmitRefusal } from "../engine.ts";
import { type Outcome } from "./apply-transaction.ts";
import { readAccount } from "./draft.ts";
import { baseFeeOf } from "./fee.ts";
import { baseLevel, mulDiv } from "./fee-level.ts";
import { holdLedgers } from "./local-transactions.ts";
import { type Node } from "./node.ts";
import { parseTransaction } from "./parse-transaction.ts";
import { isRetry, resultCode, resultMessage } from "./results.ts";
import { type Transaction } from "./transaction.ts";

/** Held transactions one success may bring in. */
const maxFollowers = 10;

interface Candidate {
  readonly transaction: Transaction;
  /** Handed to this server just now, so it is kept and tried again. */
  readonly isLocal: boolean;
  readonly failHard: boolean;
}

/** Takes a signed blob in as rippled's `submit` does: judges it, applies it to the open ledger or keeps it for later. */
export function submit(node: Node, blob: Uint8Array, failHard: boolean): SubmitOutcome | SubmitRefusal {
  const transaction = parseTransaction(blob);
  if ("refused" in transaction) return transaction;
  const fault = node.router.fault(transaction);
  if (fault !== undefined) return { refused: `fails local checks: ${fault}` };
  if (!node.chain.transaction(transaction.id)) node.pending.set(transaction.id, transaction);
  if (node.router.isMalformed(transaction.id)) {
    const outcome = outcomeOf(node, transaction, { result: "temBAD_SIGNATURE", isApplied: false });
    return { ...outcome, accepted: false, kept: false };
  }
  const [outcome] = bringIn(node, [{ transaction, isLocal: true, failHard }]);
  if (!outcome) throw new Error("a transaction has an outcome");
  return outcome;
}

/** Brings transactions to the open ledger, and behind each success those that waited for it. */
export function bringIn(node: Node, candidates: readonly Candidate[]): readonly SubmitOutcome[] {
  const outcomes: SubmitOutcome[] = [];
  let batch = candidates;
  while (batch.length > 0) {
    const followers: Candidate[] = [];
    const results = batch.map((candidate) => {
      const { transaction, failHard } = candidate;
      return { candidate, result: node.queue.admit(node.open, transaction, { mayRetry: false, failHard }) };
    });
    for (const { candidate, result } of results) {
      const outcome = settle(node, candidate, result);
      outcomes.push(outcome);
      if (result.isApplied) announce(node, candidate.transaction, outcome);
      if (result.result === "tesSUCCESS") followers.push(...followersOf(node, candidate.transaction));
    }
    batch = followers;
  }
  return outcomes;
}

function followersOf(node: Node, done: Transaction): readonly Candidate[] {
  const followers: Candidate[] = [];
  while (followers.length < maxFollowers) {
    const transaction = node.held.takeNext(done);
    if (!transaction) break;
    followers.push({ transaction, isLocal: false, failHard: false });
  }
  return followers;
}

/** What becomes of a transaction after its attempt (rippled `NetworkOPsImp::apply`). */
function settle(node: Node, candidate: Candidate, outcome: Outcome): SubmitOutcome {
  const { transaction, isLocal, failHard } = candidate;
  const { result } = outcome;
  if (result.startsWith("tem")) node.router.markMalformed(transaction.id);
  const isRefusedHard = failHard && result !== "tesSUCCESS";
  if (isRetry(result) && result !== "terQUEUED" && !failHard && mayHold(node, candidate)) node.held.add(transaction);
  const isKept = isLocal && !isRefusedHard;
  if (isKept) node.local.add(node.open.index, transaction);
  const isQueued = result === "terQUEUED";
  const isBroadcast = (outcome.isApplied || isQueued) && !isRefusedHard;
  return {
    ...outcomeOf(node, transaction, outcome),
    broadcast: isBroadcast,
    queued: isQueued,
    kept: isKept,
    accepted: outcome.isApplied || isQueued || isKept,
  };
}

/** Held when it just came, when its last ledger is near, or once more without a reason. */
function mayHold(node: Node, { transaction, isLocal }: Candidate): boolean {
  const last = transaction.json.LastLedgerSequence;
  const left = last === undefined ? undefined : last - node.open.index;
  if (isLocal || (left !== undefined && left >= 0 && left <= holdLedgers)) return true;
  return node.router.markHeld(transaction.id);
}

function outcomeOf(node: Node, transaction: Transaction, { result, isApplied }: Outcome): SubmitOutcome {
  const { config, open, chain, queue } = node;
  const account = readAccount(open.state, transaction.json.Account);
  const level = queue.escalation.requiredLevel(open.applied.size);
  return {
    engineResult: result,
    engineResultCode: resultCode(result),
    engineResultMessage: resultMessage(result),
    accepted: isApplied,
    applied: isApplied,
    broadcast: isApplied,
    queued: false,
    kept: false,
    hash: transaction.id,
    accountSequenceAvailable: queue.nextSequence(account),
    accountSequenceNext: account?.Sequence ?? 0,
    openLedgerCostDrops: Number(mulDiv(level, baseFeeOf(config, transaction, account), baseLevel)),
    validatedLedgerIndex: chain.last().header.index,
  };
}

function announce(node: Node, { id, blob }: Transaction, outcome: SubmitOutcome): void {
  for (const listener of node.listeners) listener.proposed?.({ hash: id, blob }, outcome);
}
