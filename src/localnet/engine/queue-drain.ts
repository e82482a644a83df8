import { applyTransaction } from "./apply-transaction.ts";
import { type Draft } from "./draft.ts";
import { type Queue } from "./queue.ts";
import { type Queued } from "./queue-store.ts";
import { compareSeq } from "./transaction.ts";

/** Near enough to full that an account with a failure loses its last transaction. */
const nearlyFullPercent = 95;

/** Moves queued transactions into a new open ledger, best paid first, while they pay what it takes (rippled `TxQ::accept`). */
export function drainQueue(queue: Queue, draft: Draft): void {
  const { store, escalation } = queue;
  const order = [...store.byFee()];
  let next = order[0];
  while (next) {
    const entry: Queued = next;
    const { seq, json } = entry.transaction;
    const first = store.of(json.Account)[0];
    const isBehind = first !== undefined && !seq.isTicket && compareSeq(seq, first.transaction.seq) > 0;
    if (isBehind) {
      next = after(order, entry);
      continue;
    }
    if (entry.feeLevel < escalation.requiredLevel(draft.applied.size)) break;
    const { result, isApplied } = applyTransaction(draft, entry.transaction, { mayRetry: false, failHard: false });
    const isHopeless = result.startsWith("tef") || result.startsWith("tem") || entry.retriesLeft <= 0;
    if (isApplied || isHopeless) {
      if (!isApplied) store.penalties(json.Account)[entry.retriesLeft <= 0 ? "retryPenalty" : "dropPenalty"] = true;
      next = takeOut(queue, order, entry);
    } else {
      next = keepTrying(queue, order, entry);
    }
  }
  store.reshuffle(draft.parentHash);
}

function after(order: readonly Queued[], entry: Queued): Queued | undefined {
  return order[order.indexOf(entry) + 1];
}

/** Removes an entry; the account's next one comes at once when it was passed over before. */
function takeOut({ store }: Queue, order: Queued[], entry: Queued): Queued | undefined {
  const theirs = store.of(entry.transaction.json.Account);
  const own = theirs[theirs.indexOf(entry) + 1];
  const following = after(order, entry);
  store.remove(entry);
  order.splice(order.indexOf(entry), 1);
  return own && (!following || store.compare(own, following) < 0) ? own : following;
}

function keepTrying(queue: Queue, order: Queued[], entry: Queued): Queued | undefined {
  const { store } = queue;
  const address = entry.transaction.json.Account;
  const { dropPenalty, retryPenalty } = store.penalties(address);
  entry.retriesLeft = retryPenalty && entry.retriesLeft > 2 ? 1 : entry.retriesLeft - 1;
  const theirs = store.of(address);
  const most = queue.limit();
  const isNearlyFull = most !== undefined && store.size() >= Math.floor((most * nearlyFullPercent) / 100);
  if (!dropPenalty || theirs.length < 2 || !isNearlyFull) return after(order, entry);
  if (entry.transaction.seq.isTicket) return takeOut(queue, order, entry);
  const last = theirs.at(-1);
  if (last && last !== entry) {
    store.remove(last);
    order.splice(order.indexOf(last), 1);
  }
  return after(order, entry);
}
