import { type FeeState, type QueuedTransaction } from "../engine.ts";
import { baseLevel } from "./fee-level.ts";
import { type Node } from "./node.ts";
import { type Queued } from "./queue-store.ts";

export function feeState({ open, queue }: Node): FeeState {
  const { store, escalation } = queue;
  const maxQueueSize = queue.limit();
  const isFull = maxQueueSize !== undefined && store.size() >= maxQueueSize;
  return {
    openTransactions: open.applied.size,
    expectedTransactions: escalation.expectedTransactions(),
    queueSize: store.size(),
    ...(maxQueueSize === undefined ? {} : { maxQueueSize }),
    minimumLevel: isFull ? (store.byFee().at(-1)?.feeLevel ?? 0n) + 1n : baseLevel,
    medianLevel: escalation.multiplier(),
    openLedgerLevel: escalation.requiredLevel(open.applied.size),
  };
}

export function queuedTransactions(
  { queue: { store } }: Node,
  address: string | undefined,
): readonly QueuedTransaction[] {
  return (address === undefined ? store.byFee() : store.of(address)).map(queuedTransaction);
}

function queuedTransaction({ transaction, feeLevel, spendDrops, isBlocker, retriesLeft }: Queued): QueuedTransaction {
  const { id, blob, json, seq, feeDrops } = transaction;
  const last = json.LastLedgerSequence;
  return {
    hash: id,
    blob,
    account: json.Account,
    feeDrops,
    feeLevel,
    maxSpendDrops: feeDrops + spendDrops,
    authChange: isBlocker,
    ...(seq.isTicket ? { ticket: seq.value } : { sequence: seq.value }),
    ...(last === undefined ? {} : { lastLedgerSequence: last }),
    retriesRemaining: retriesLeft,
  };
}
