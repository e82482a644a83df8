import { equalBytes, toHex } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import type { Hash } from "../hash.ts";
import { decodeLedgerHeader, ledgerHash, type LedgerHeader } from "./ledger-header.ts";
import { type TreeLeaf, transactionLeaf, treeRoot } from "./shamap.ts";
import { transactionId } from "./transaction-id.ts";

/** A ledger as bytes: its header (118 bytes) and all its transactions with their metadata. */
export interface LedgerBytes {
  readonly header: Uint8Array;
  readonly transactions: readonly { readonly blob: Uint8Array; readonly meta: Uint8Array }[];
}

/** A ledger whose transactions make the root its header holds. */
export interface WholeLedger {
  readonly header: LedgerHeader;
  readonly hash: Hash;
  /** Leaves of the transaction tree, in the order of the transactions. */
  readonly leaves: readonly TreeLeaf[];
}

/**
 * Recomputes every hash of a ledger.
 *
 * @throws SettlementError `XRPL_LEDGER_REFUTED`, `XRPL_HEADER_MALFORMED`
 */
export function wholeLedger({ header: bytes, transactions }: LedgerBytes): WholeLedger {
  const header = decodeLedgerHeader(bytes);
  const leaves = transactions.map(({ blob, meta }) => ({
    key: transactionId(blob),
    hash: transactionLeaf(blob, meta),
  }));
  if (!equalBytes(treeRoot(leaves), header.transactionRoot)) {
    throw new SettlementError(
      "XRPL_LEDGER_REFUTED",
      `the ${leaves.length} transactions of ledger ${header.index} do not make its transaction root ${toHex(header.transactionRoot)}`,
    );
  }
  return { header, hash: ledgerHash(header), leaves };
}
