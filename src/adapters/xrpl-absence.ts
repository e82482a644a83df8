import { equalBytes, fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { readMetadata, resultText } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { type LedgerBytes, wholeLedger } from "../core/xrpl/whole-ledger.ts";
import type { Outcome, SignedAnchor } from "../ports.ts";
import { ask, readLedger, validatedIndex } from "./xrpl-answers.ts";
import type { XrplRpc } from "./xrpl-rpc.ts";

/** More ledgers than this between signing and LastLedgerSequence were not signed by this service. */
const windowLimit = 1000;

function requireWhole(ledger: LedgerBytes, index: number, parent: Uint8Array | undefined): Uint8Array {
  const { header, hash } = wholeLedger(ledger);
  if (header.index === index && (parent === undefined || equalBytes(parent, header.parentHash))) return hash;
  throw new SettlementError("CHAIN_ANSWER_REFUTED", `the server's ledger ${index} is not the child of the one before`);
}

/** Every ledger the transaction can be in, read in binary and recomputed, each the parent of the next. */
async function searchWindow(rpc: XrplRpc, { hash, signedAtIndex, lastLedgerSequence }: SignedAnchor): Promise<Outcome> {
  if (lastLedgerSequence - signedAtIndex > windowLimit) {
    throw new SettlementError(
      "ANCHOR_OUTCOME_UNKNOWN",
      `transaction ${hash} may be in any of ${lastLedgerSequence - signedAtIndex} ledgers, more than are searched; look it up by hand`,
    );
  }
  const id = fromHex(hash);
  let parent: Uint8Array | undefined;
  for (let index = signedAtIndex + 1; index <= lastLedgerSequence; index++) {
    const ledger = await readLedger(rpc, index);
    parent = requireWhole(ledger, index, parent);
    const own = ledger.transactions.find(({ blob }) => equalBytes(transactionId(blob), id));
    if (own) return { state: "validated", ledgerIndex: index, result: resultText(readMetadata(own.meta)) };
  }
  return { state: "expired" };
}

/**
 * What became of a signed transaction, from validated ledgers alone.
 *
 * `expired` is proven: the validated index is past LastLedgerSequence, and either the account's validated Sequence is
 * still that of the transaction, or no ledger it could be in holds it. A server's `txnNotFound` proves nothing.
 */
export async function outcomeOf(rpc: XrplRpc, anchor: SignedAnchor): Promise<Outcome> {
  const seen = await ask(rpc, "tx", { transaction: anchor.hash }, ["txnNotFound"]);
  if (seen?.object["validated"] === true) {
    const ledgerIndex = seen.count("ledger_index", 0xffff_ffff);
    return { state: "validated", ledgerIndex, result: seen.reader("meta").text("TransactionResult", 60) };
  }
  if ((await validatedIndex(rpc)) <= anchor.lastLedgerSequence) return { state: "pending" };
  const info = await ask(rpc, "account_info", { account: anchor.account, ledger_index: "validated" }, ["actNotFound"]);
  const past =
    info?.object["validated"] === true && info.count("ledger_index", 0xffff_ffff) > anchor.lastLedgerSequence;
  if (past && info?.reader("account_data").count("Sequence", 0xffff_ffff) === anchor.sequence)
    return { state: "expired" };
  return searchWindow(rpc, anchor);
}
