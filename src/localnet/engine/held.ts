import { canonicalOrder } from "./canonical-order.ts";
import { compareSeq, type Transaction } from "./transaction.ts";

/** Transactions that wait for another one, such as one with a gap before its sequence (rippled `LedgerMaster::addHeldTransaction`). */
export interface Held {
  add(transaction: Transaction): void;
  /** The account's next one after `done`, taken out: the following sequence, or else a ticket. */
  takeNext(done: Transaction): Transaction | undefined;
  /** All of them in order, taken out. */
  takeAll(): readonly Transaction[];
}

/** @param saltOf - 64 hex digits; rippled takes the parent hash of the ledger that was open when the set began */
export function heldTransactions(saltOf: () => string): Held {
  let waiting = new Map<string, Transaction>();
  let salt = "0".repeat(64);
  return {
    add: (transaction) => void waiting.set(transaction.id, transaction),
    takeNext(done) {
      const next = [...waiting.values()]
        .filter(({ json, seq }) => json.Account === done.json.Account && compareSeq(seq, done.seq) > 0)
        .toSorted((a, b) => compareSeq(a.seq, b.seq))[0];
      if (!next || (!next.seq.isTicket && next.seq.value !== done.seq.value + 1)) return undefined;
      waiting.delete(next.id);
      return next;
    },
    takeAll() {
      const all = canonicalOrder(waiting.values(), salt);
      waiting = new Map();
      salt = saltOf();
      return all;
    },
  };
}
