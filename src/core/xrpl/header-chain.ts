import { equalBytes } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import type { Hash } from "../hash.ts";
import { ledgerHash, type LedgerHeader } from "./ledger-header.ts";

/** Headers that may follow: about four hours of ledgers. */
export const maxChainLength = 4096;

/** A ledger by its header and the hash of it. */
export interface HashedHeader {
  readonly header: LedgerHeader;
  readonly hash: Hash;
}

/**
 * The last ledger of a chain of headers. Each names the hash of the one before it, so whoever validates the last one
 * validates them all: a quorum that was missed for one ledger is made good by a quorum for a later one.
 *
 * @param following - headers of the ledgers after `first`, in their order; none leaves `first` itself
 * @throws SettlementError `XRPL_CHAIN_REFUTED` at the first header that does not follow
 */
export function lastOfChain(first: LedgerHeader, following: readonly LedgerHeader[]): HashedHeader {
  let last = { header: first, hash: ledgerHash(first) };
  for (const header of following) {
    const { index } = last.header;
    if (header.index !== index + 1 || !equalBytes(header.parentHash, last.hash)) {
      throw new SettlementError(
        "XRPL_CHAIN_REFUTED",
        `the header after ledger ${index} is not of the ledger that follows it`,
      );
    }
    last = { header, hash: ledgerHash(header) };
  }
  return last;
}
