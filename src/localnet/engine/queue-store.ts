import { bytesOf } from "./hex.ts";
import { compareSeq, type SeqProxy, type Transaction } from "./transaction.ts";
import { typeNamed } from "./transaction-types.ts";

/** Attempts a queued transaction gets. */
export const allowedRetries = 10;

/** A transaction that waits for the fee to come down. */
export interface Queued {
  readonly transaction: Transaction;
  readonly feeLevel: bigint;
  readonly isBlocker: boolean;
  readonly spendDrops: bigint;
  retriesLeft: number;
}

export function queued(transaction: Transaction, feeLevel: bigint): Queued {
  const { json } = transaction;
  const type = typeNamed(json.TransactionType);
  return {
    transaction,
    feeLevel,
    isBlocker: type.isBlocker?.(json) ?? false,
    spendDrops: type.potentialSpend?.(json) ?? 0n,
    retriesLeft: allowedRetries,
  };
}

/** The sequence an account has after this transaction; tickets leave it. */
export function followingSeq({ seq, json }: Transaction): number {
  return seq.value + 1 + (json.TransactionType === "TicketCreate" ? (json.TicketCount ?? 0) : 0);
}

interface AccountQueue {
  /** By sequence, then ticket. */
  entries: readonly Queued[];
  /** One was dropped, or used up its retries: the account's others get less patience. */
  dropPenalty: boolean;
  retryPenalty: boolean;
}

/** The waiting transactions of all accounts. */
export interface QueueStore {
  size(): number;
  of(address: string): readonly Queued[];
  find(address: string, seq: SeqProxy): Queued | undefined;
  /** Puts one in, in the place of another with the same sequence or ticket. */
  put(entry: Queued): void;
  remove(entry: Queued): void;
  penalties(address: string): { dropPenalty: boolean; retryPenalty: boolean };
  /** Best paid first, equals shuffled by the salt. */
  byFee(): readonly Queued[];
  /** Orders two entries as {@link QueueStore.byFee} does. */
  compare(a: Queued, b: Queued): number;
  /** Shuffles anew, with the hash of the parent of the open ledger. */
  reshuffle(saltHex: string): void;
  forgetEmptyAccounts(): void;
}

export function queueStore(): QueueStore {
  const accounts = new Map<string, AccountQueue>();
  let salt: Uint8Array = new Uint8Array(32);
  const accountOf = (address: string): AccountQueue => {
    let account = accounts.get(address);
    if (!account) accounts.set(address, (account = { entries: [], dropPenalty: false, retryPenalty: false }));
    return account;
  };
  const compare = (a: Queued, b: Queued): number => {
    if (a.feeLevel !== b.feeLevel) return a.feeLevel > b.feeLevel ? -1 : 1;
    return Buffer.compare(mixed(a.transaction.id, salt), mixed(b.transaction.id, salt));
  };
  return {
    size: () => Array.from(accounts.values(), ({ entries }) => entries.length).reduce((sum, count) => sum + count, 0),
    of: (address) => accounts.get(address)?.entries ?? [],
    find: (address, seq) =>
      accounts.get(address)?.entries.find((entry) => compareSeq(entry.transaction.seq, seq) === 0),
    put(entry) {
      const account = accountOf(entry.transaction.json.Account);
      const others = account.entries.filter((other) => compareSeq(other.transaction.seq, entry.transaction.seq) !== 0);
      account.entries = [...others, entry].toSorted((a, b) => compareSeq(a.transaction.seq, b.transaction.seq));
    },
    remove(entry) {
      const account = accountOf(entry.transaction.json.Account);
      account.entries = account.entries.filter((other) => other !== entry);
    },
    penalties: accountOf,
    byFee: () => [...accounts.values()].flatMap(({ entries }) => entries).toSorted(compare),
    compare,
    reshuffle: (saltHex) => void (salt = bytesOf(saltHex)),
    forgetEmptyAccounts() {
      for (const [address, { entries }] of accounts) if (entries.length === 0) accounts.delete(address);
    },
  };
}

function mixed(id: string, salt: Uint8Array): Uint8Array {
  return bytesOf(id).map((byte, at) => byte ^ (salt[at] ?? 0));
}
