import { canonicalOrder } from "./canonical-order.ts";
import { readAccount, type Draft } from "./draft.ts";
import { checkTicket } from "./judge-transaction.ts";
import { type Ledger } from "./ledger.ts";
import { type Transaction } from "./transaction.ts";

/** Ledgers a server goes on trying a transaction that was handed to it. */
export const holdLedgers = 5;

/** What was handed to this server and may still be tried (rippled `LocalTxs`). */
export interface LocalTransactions {
  add(ledgerIndex: number, transaction: Transaction): void;
  inOrder(): readonly Transaction[];
  /** Forgets what is in the ledger, can never be, or was tried long enough. */
  sweep(ledger: Ledger): void;
}

export function localTransactions(): LocalTransactions {
  let entries: { readonly transaction: Transaction; readonly lastIndex: number }[] = [];
  return {
    add(ledgerIndex, transaction) {
      const last = transaction.json.LastLedgerSequence;
      const lastIndex = Math.min(ledgerIndex + holdLedgers, last === undefined ? Number.POSITIVE_INFINITY : last + 1);
      entries.push({ transaction, lastIndex });
    },
    inOrder: () =>
      canonicalOrder(new Map(entries.map(({ transaction }) => [transaction.id, transaction])).values(), "0".repeat(64)),
    sweep({ header, transactions, state }) {
      const included = new Set(transactions.map(({ hash }) => hash));
      entries = entries.filter(({ transaction, lastIndex }) => {
        return header.index <= lastIndex && !included.has(transaction.id) && mayStillApply(state, transaction);
      });
    },
  };
}

function mayStillApply(state: Draft["state"], { json, seq }: Transaction): boolean {
  const account = readAccount(state, json.Account);
  if (!account) return true;
  return seq.isTicket ? checkTicket(state, account, seq) !== "tefNO_TICKET" : seq.value >= account.Sequence;
}
