import { applyTransaction, type ApplyMode, type Outcome } from "./apply-transaction.ts";
import { type Draft, readAccount } from "./draft.ts";
import { checkTicket, preflight } from "./judge-transaction.ts";
import { type Transaction } from "./transaction.ts";

/** Brings a transaction to the open ledger: what is out of turn is told so before anything else is looked at (rippled `TxQ::apply`). */
export function admit(draft: Draft, transaction: Transaction, mode: ApplyMode): Outcome {
  const malformed = preflight(draft.config, transaction);
  if (malformed !== "tesSUCCESS") return { result: malformed, isApplied: false };
  const { json, seq } = transaction;
  const account = readAccount(draft.state, json.Account);
  if (!account) return { result: "terNO_ACCOUNT", isApplied: false };
  if (seq.isTicket) {
    const ticket = checkTicket(draft.state, account, seq);
    if (ticket !== "tesSUCCESS") return { result: ticket, isApplied: false };
  } else if (seq.value !== account.Sequence) {
    return { result: seq.value > account.Sequence ? "terPRE_SEQ" : "tefPAST_SEQ", isApplied: false };
  }
  return applyTransaction(draft, transaction, mode);
}
