import { removeFromOwnerDirectory } from "./directory.ts";
import { type Draft, readAccount } from "./draft.ts";
import { type AccountRoot, type Ticket } from "./entry.ts";
import { accountKey, ticketKey } from "./keys.ts";
import { threadAndDescribe } from "./metadata.ts";
import { baseFeeOf } from "./fee.ts";
import { preclaim, preflight } from "./judge-transaction.ts";
import { isClaim, type Result } from "./results.ts";
import { type Transaction } from "./transaction.ts";
import { typeNamed } from "./transaction-types.ts";
import { stateAfter, type Workspace, workspaceOn } from "./workspace.ts";

export interface ApplyMode {
  /** A later pass may try again: nothing that would only take the fee is applied now. */
  readonly mayRetry: boolean;
  /** Whoever sent it wants success or nothing. */
  readonly failHard: boolean;
}

export interface Outcome {
  readonly result: Result;
  readonly isApplied: boolean;
}

/** Judges a transaction against the draft and, when it may be in the ledger, puts it there (rippled `applySteps.cpp`, `Transactor.cpp`). */
export function applyTransaction(draft: Draft, transaction: Transaction, mode: ApplyMode): Outcome {
  const malformed = preflight(draft.config, transaction);
  if (malformed !== "tesSUCCESS") return { result: malformed, isApplied: false };
  const claim = preclaim(draft, transaction, mode.mayRetry);
  const workspace = workspaceOn(draft.state);
  let result = claim;
  if (claim === "tesSUCCESS") result = run(draft, transaction, workspace);
  let feeDrops = transaction.feeDrops;
  if (result !== "tesSUCCESS") {
    if (!isClaim(result) || mode.mayRetry || mode.failHard) return { result, isApplied: false };
    workspace.discard();
    feeDrops = claimFee(workspace, transaction);
  }
  commit(draft, transaction, workspace, result);
  if (!draft.isOpen) draft.totalDrops -= feeDrops;
  return { result, isApplied: true };
}

function run(draft: Draft, transaction: Transaction, workspace: Workspace): Result {
  const account = senderIn(workspace, transaction);
  const priorDrops = BigInt(account.Balance);
  const baseFeeDrops = baseFeeOf(draft.config, transaction, readAccount(draft.state, account.Account));
  useSequence(workspace, account, transaction);
  account.Balance = String(priorDrops - transaction.feeDrops);
  if (account.AccountTxnID !== undefined) account.AccountTxnID = transaction.id;
  const { config, index: ledgerIndex } = draft;
  const type = typeNamed(transaction.json.TransactionType);
  return type.apply({ config, transaction, workspace, account, priorDrops, baseFeeDrops, ledgerIndex });
}

/** Takes fee and sequence and nothing else; an account that cannot pay the whole fee pays what it has. */
function claimFee(workspace: Workspace, transaction: Transaction): bigint {
  const account = senderIn(workspace, transaction);
  const balance = BigInt(account.Balance);
  const feeDrops = transaction.feeDrops > balance ? balance : transaction.feeDrops;
  account.Balance = String(balance - feeDrops);
  useSequence(workspace, account, transaction);
  return feeDrops;
}

function senderIn(workspace: Workspace, { json }: Transaction): AccountRoot {
  const account = workspace.peek(accountKey(json.Account)) as AccountRoot | undefined;
  if (!account) throw new Error(`account ${json.Account} was there a moment ago`);
  return account;
}

function useSequence(workspace: Workspace, account: AccountRoot, { seq }: Transaction): void {
  if (!seq.isTicket) {
    account.Sequence = seq.value + 1;
    return;
  }
  const key = ticketKey(account.Account, seq.value);
  const ticket = workspace.peek(key) as Ticket | undefined;
  if (!ticket) throw new Error(`ticket ${key} was there a moment ago`);
  const pageNumber = Number.parseInt(ticket.OwnerNode, 16);
  removeFromOwnerDirectory(workspace, account.Account, { key, pageNumber, keepRoot: true });
  if (account.TicketCount === 1) delete account.TicketCount;
  else account.TicketCount = (account.TicketCount ?? 1) - 1;
  account.OwnerCount -= 1;
  workspace.erase(key);
}

function commit(draft: Draft, transaction: Transaction, workspace: Workspace, result: Result): void {
  const changes = workspace.changes();
  const described = { transactionId: transaction.id, ledgerIndex: draft.index, result, place: draft.applied.size };
  const meta = draft.isOpen ? new Uint8Array() : threadAndDescribe(changes, described);
  draft.state = stateAfter(draft.state, changes);
  draft.applied.set(transaction.id, { transaction, meta });
}
