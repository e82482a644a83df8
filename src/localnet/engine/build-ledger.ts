import { treeRoot } from "../../core/xrpl/shamap.ts";
import { type EngineConfig } from "../engine.ts";
import { applyTransaction } from "./apply-transaction.ts";
import { canonicalOrder } from "./canonical-order.ts";
import { bytesOf, hexOf } from "./hex.ts";
import { draftOn, type Ledger, sealDraft } from "./ledger.ts";
import { applyInPasses } from "./passes.ts";
import { isFailure } from "./results.ts";
import { type Transaction } from "./transaction.ts";

export interface Built {
  readonly ledger: Ledger;
  /** What could not be applied and may be later. */
  readonly left: readonly Transaction[];
  /** What shuffled the accounts. */
  readonly saltHex: string;
}

/**
 * The ledger after `parent` with these transactions, in an order that follows from their set and that no sender can
 * choose: the accounts are shuffled by the root of the set's own tree (rippled `RCLConsensus.cpp`).
 *
 * @param closeTimeRippleS - as it will stand in the header
 */
export function buildLedger(
  config: EngineConfig,
  parent: Ledger,
  transactions: readonly Transaction[],
  closeTimeRippleS: number,
): Built {
  const draft = draftOn(config, parent, false);
  const saltHex = hexOf(treeRoot(transactions.map(({ id }) => ({ key: bytesOf(id), hash: bytesOf(id) }))));
  const left = applyInPasses(canonicalOrder(transactions, saltHex), (transaction, mayRetry) => {
    const { result, isApplied } = applyTransaction(draft, transaction, { mayRetry, failHard: false });
    if (isApplied) return "done";
    return isFailure(result) ? "failed" : "retry";
  });
  return { ledger: sealDraft(draft, parent, closeTimeRippleS), left, saltHex };
}
