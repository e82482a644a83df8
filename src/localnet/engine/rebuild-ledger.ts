import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { decodeLedgerHeader } from "../../core/xrpl/ledger-header.ts";
import { type EngineConfig } from "../engine.ts";
import { applyTransaction } from "./apply-transaction.ts";
import { draftOn, type Ledger, type Parent, sealDraft } from "./ledger.ts";
import { parseTransaction } from "./parse-transaction.ts";

/** A ledger as it is kept: what was decided, without what follows from it. */
export interface KeptLedger {
  /** 118 bytes. */
  readonly header: Uint8Array;
  /** In order of application. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * A kept ledger with its metadata and state, worked out again on top of its parent.
 *
 * @param isThorough - also compares the state of an empty ledger, which is the slow part
 * @throws SettlementError `LOCALNET_DATA_REFUTED` when it does not follow from its parent
 */
export function rebuildLedger(config: EngineConfig, parent: Parent, kept: KeptLedger, isThorough: boolean): Ledger {
  const draft = draftOn(config, parent, false);
  for (const blob of kept.blobs) {
    const transaction = parseTransaction(blob);
    const isApplied =
      !("refused" in transaction) &&
      applyTransaction(draft, transaction, { mayRetry: false, failHard: false }).isApplied;
    if (!isApplied) throw refuted(draft.index, "holds a transaction that does not apply");
  }
  const stated = decodeLedgerHeader(kept.header);
  const isStateKnown = !isThorough && kept.blobs.length === 0;
  const ledger = sealDraft(draft, parent, stated.closeTimeRippleS, isStateKnown ? stated.stateRoot : undefined);
  if (!equalBytes(ledger.headerBytes, kept.header))
    throw refuted(draft.index, "does not follow from the ledger before it");
  return ledger;
}

function refuted(index: number, fault: string): SettlementError {
  return new SettlementError("LOCALNET_DATA_REFUTED", `ledger ${index} of the local network's data ${fault}`);
}
