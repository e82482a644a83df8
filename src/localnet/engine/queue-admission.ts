import { copyDraft, type Draft, reserveDrops } from "./draft.ts";
import { type AccountRoot, encodeEntry } from "./entry.ts";
import { accountKey } from "./keys.ts";
import { type Queue } from "./queue.ts";
import { type Queued } from "./queue-store.ts";
import { type Result } from "./results.ts";
import { compareSeq } from "./transaction.ts";

/** Queued transactions of one account. */
const maxPerAccount = 10;
/** A queued transaction has to promise to stay for this many ledgers. */
const minLedgersLeft = 2;
/** What a replacement has to pay more. */
const replacementPercent = 25n;

export interface Asked {
  readonly account: AccountRoot;
  readonly candidate: Queued;
  readonly failHard: boolean;
}

export interface Trial {
  readonly result: Result;
  /** The ledger as it would be behind the account's queued transactions, where there are such. */
  readonly draft?: Draft;
  /** Last check before it goes in: may throw the worst paid one out of a full queue. */
  makeRoom(): Result;
}

/** Why a transaction cannot wait in the queue, short of what the ledger says of it (rippled `TxQ::apply`). */
export function queueFault(queue: Queue, draft: Draft, asked: Asked): Trial {
  const { account, candidate } = asked;
  const { seq } = candidate.transaction;
  const waiting = queue.store.of(account.Account).filter(({ transaction }) => {
    return transaction.seq.isTicket || transaction.seq.value >= account.Sequence;
  });
  const replaced = waiting.find((entry) => compareSeq(entry.transaction.seq, seq) === 0);
  const trial = (result: Result, behind?: Draft): Trial => ({
    result,
    ...(behind ? { draft: behind } : {}),
    makeRoom: () => {
      const held = behind ? "tesSUCCESS" : heldFault(queue, draft, asked, replaced);
      return held === "tesSUCCESS" ? makeRoom(queue, candidate, replaced) : held;
    },
  });
  const blocked = blockerFault(candidate, waiting, replaced);
  if (blocked !== "tesSUCCESS") return trial(blocked);
  if (replaced && candidate.feeLevel <= (replaced.feeLevel * (100n + replacementPercent)) / 100n)
    return trial("telCAN_NOT_QUEUE_FEE");
  if (!seq.isTicket && seq.value < account.Sequence) return trial("tefPAST_SEQ");
  if (waiting.length === 0) return trial(!seq.isTicket && seq.value > account.Sequence ? "terPRE_SEQ" : "tesSUCCESS");
  if (waiting.length === 1 && replaced) return trial("tesSUCCESS");
  const held = heldFault(queue, draft, asked, replaced);
  if (held !== "tesSUCCESS") return trial(held);
  const gap = gapFault(queue, asked, waiting, replaced);
  if (gap !== "tesSUCCESS") return trial(gap);
  const behind = draftBehind(queue, draft, asked, waiting);
  return behind ? trial("tesSUCCESS", behind) : trial("telCAN_NOT_QUEUE_BALANCE");
}

/** One that may change who signs waits alone, and nothing waits behind it. */
function blockerFault(candidate: Queued, waiting: readonly Queued[], replaced: Queued | undefined): Result {
  const standsAlone = waiting.length === 0 || (waiting.length === 1 && replaced !== undefined);
  if (candidate.isBlocker && !standsAlone) return "telCAN_NOT_QUEUE_BLOCKS";
  const isBlocked = waiting.length === 1 && waiting[0]?.isBlocker === true && !replaced;
  return isBlocked ? "telCAN_NOT_QUEUE_BLOCKED" : "tesSUCCESS";
}

function heldFault(
  queue: Queue,
  draft: Draft,
  { account, candidate, failHard }: Asked,
  replaced: Queued | undefined,
): Result {
  const { json, seq } = candidate.transaction;
  if (json.AccountTxnID !== undefined || failHard) return "telCAN_NOT_QUEUE";
  const last = json.LastLedgerSequence;
  if (last !== undefined && last < draft.index + minLedgersLeft) return "telCAN_NOT_QUEUE";
  const all = queue.store.of(account.Account);
  if (replaced || all.length < maxPerAccount) return "tesSUCCESS";
  // Over the limit only what fills a gap before other sequences.
  const fillsGap = !seq.isTicket && seq.value === queue.nextSequence(account);
  const hasLater = all.some(({ transaction }) => !transaction.seq.isTicket && transaction.seq.value > seq.value);
  return fillsGap && hasLater ? "tesSUCCESS" : "telCAN_NOT_QUEUE_FULL";
}

function gapFault(
  queue: Queue,
  { account, candidate }: Asked,
  waiting: readonly Queued[],
  replaced: Queued | undefined,
): Result {
  const { seq } = candidate.transaction;
  if (seq.isTicket) return "tesSUCCESS";
  const first = waiting[0]?.transaction.seq;
  if (first && compareSeq(seq, first) < 0) return seq.value > account.Sequence ? "terPRE_SEQ" : "tesSUCCESS";
  return replaced || queue.nextSequence(account) === seq.value ? "tesSUCCESS" : "telCAN_NOT_QUEUE";
}

/** The ledger with the account's balance and sequence as they may be by then; undefined when the fees could not be paid. */
function draftBehind(
  queue: Queue,
  draft: Draft,
  { account, candidate }: Asked,
  waiting: readonly Queued[],
): Draft | undefined {
  const { seq } = candidate.transaction;
  let fees = 0n;
  let spend = 0n;
  for (const [at, entry] of waiting.entries()) {
    const isSame = compareSeq(entry.transaction.seq, seq) === 0;
    if (isSame && at === waiting.length - 1) continue;
    const counted = isSame ? candidate : entry;
    fees += counted.transaction.feeDrops;
    spend += counted.spendDrops;
  }
  const balance = BigInt(account.Balance);
  const reserve = reserveDrops(draft.config, 0);
  if (fees >= balance || (reserve > 10n * BigInt(draft.config.baseFeeDrops) && fees >= reserve)) return undefined;
  const free = balance > reserve ? balance - reserve : 0n;
  const gone = fees + (spend < free ? spend : free);
  const behind = copyDraft(draft);
  const Sequence = seq.isTicket ? queue.nextSequence(account) : seq.value;
  const bumped: AccountRoot = { ...account, Balance: String(balance - gone), Sequence };
  behind.state = draft.state.with(accountKey(account.Account), encodeEntry(bumped));
  return behind;
}

function makeRoom(queue: Queue, candidate: Queued, replaced: Queued | undefined): Result {
  const { store } = queue;
  const most = queue.limit();
  if (replaced || most === undefined || store.size() < most) return "tesSUCCESS";
  const address = candidate.transaction.json.Account;
  const worst = store.byFee().findLast(({ transaction }) => transaction.json.Account !== address);
  if (!worst) return "telCAN_NOT_QUEUE_FULL";
  const theirs = store.of(worst.transaction.json.Account);
  const average = theirs.reduce((sum, { feeLevel }) => sum + feeLevel, 0n) / BigInt(theirs.length);
  const level = worst.feeLevel > candidate.feeLevel || theirs.length === 1 ? worst.feeLevel : average;
  const last = theirs.at(-1);
  if (candidate.feeLevel <= level || !last) return "telCAN_NOT_QUEUE_FULL";
  store.remove(last);
  return "tesSUCCESS";
}
