import { parseAddress } from "../../core/xrpl/address.ts";
import { compareSeq, type Transaction } from "./transaction.ts";
import { bytesOf, hexOf } from "./hex.ts";

/**
 * Transactions in the order ledgers apply them: accounts shuffled by a salt nobody can choose, an account's own by
 * sequence and then ticket (rippled `CanonicalTXSet`).
 *
 * @param saltHex - 64 digits; the root of the transaction set when a ledger closes
 */
export function canonicalOrder(transactions: Iterable<Transaction>, saltHex: string): readonly Transaction[] {
  const salt = bytesOf(saltHex);
  const keyed = Array.from(transactions, (transaction) => {
    const mixed = new Uint8Array(salt);
    for (const [at, byte] of parseAddress(transaction.json.Account).entries()) mixed[at] = (mixed[at] ?? 0) ^ byte;
    return { transaction, account: hexOf(mixed) };
  });
  return keyed
    .toSorted((a, b) => compareText(a.account, b.account) || compareOwn(a.transaction, b.transaction))
    .map(({ transaction }) => transaction);
}

function compareOwn(a: Transaction, b: Transaction): number {
  return compareSeq(a.seq, b.seq) || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
