import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import {
  decodeLedgerHeader,
  encodeLedgerHeader,
  ledgerHash,
  type LedgerHeader,
} from "../../core/xrpl/ledger-header.ts";
import { transactionLeaf, treeRoot } from "../../core/xrpl/shamap.ts";
import { type ClosedTransaction, type EngineConfig } from "../engine.ts";
import { applyTransaction } from "./apply-transaction.ts";
import { canonicalOrder } from "./canonical-order.ts";
import { type Draft } from "./draft.ts";
import { genesisDrops, genesisState } from "./genesis.ts";
import { bytesOf, hexOf } from "./hex.ts";
import { parseTransaction } from "./parse-transaction.ts";
import { isFailure } from "./results.ts";
import { withParentHash } from "./skip-list.ts";
import { type StateTree } from "./state-tree.ts";
import { type Transaction } from "./transaction.ts";

/** A closed ledger with its whole state. */
export interface Ledger {
  readonly header: LedgerHeader;
  readonly headerBytes: Uint8Array;
  /** Upper-case hex. */
  readonly hash: string;
  readonly transactions: readonly ClosedTransaction[];
  readonly state: StateTree;
}

export const closeResolutionS = 10;

/** Passes over the transactions that may still succeed once others have; in the last one a failure takes its fee. */
const totalPasses = 3;
const retryPasses = 1;

export function firstLedger(config: EngineConfig): Ledger {
  const state = genesisState(config);
  return sealed(state, [], {
    index: 1,
    totalDrops: genesisDrops,
    parentHash: new Uint8Array(32),
    parentCloseTimeRippleS: 0,
    closeTimeRippleS: 0,
  });
}

/** What the next ledger needs of the one before. */
export type Parent = Pick<Ledger, "header" | "hash" | "state">;

/** A draft on top of `parent`: open, or to be sealed. */
export function draftOn(config: EngineConfig, parent: Parent, isOpen: boolean): Draft {
  const { header, hash } = parent;
  const state = isOpen ? parent.state : withParentHash(parent.state, header.index, hash);
  return {
    config,
    index: header.index + 1,
    parentHash: hash,
    isOpen,
    state,
    totalDrops: header.totalDrops,
    applied: new Map(),
  };
}

export interface Built {
  readonly ledger: Ledger;
  /** What could not be applied and may be later. */
  readonly left: readonly Transaction[];
}

/**
 * The ledger after `parent` with these transactions in canonical order (rippled `BuildLedger.cpp`).
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
  const salt = treeRoot(transactions.map(({ id }) => ({ key: bytesOf(id), hash: bytesOf(id) })));
  const left = applyInPasses(canonicalOrder(transactions, hexOf(salt)), (transaction, mayRetry) => {
    const { result, isApplied } = applyTransaction(draft, transaction, { mayRetry, failHard: false });
    if (isApplied) return "done";
    return isFailure(result) ? "failed" : "retry";
  });
  return { ledger: seal(draft, parent, closeTimeRippleS), left };
}

/** A ledger as it is kept: what was decided, without what follows from it. */
export interface KeptLedger {
  readonly header: Uint8Array;
  /** In order of application. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * A kept ledger with its metadata and state, worked out again on top of its parent.
 *
 * @throws SettlementError `LOCALNET_DATA_REFUTED` when it does not follow from its parent; the state tree of an empty
 *   ledger is compared only with `isThorough`, for it is the slow part
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
  if (stated.index !== draft.index || hexOf(stated.parentHash) !== parent.hash) {
    throw refuted(draft.index, "does not follow the ledger before it");
  }
  if (isThorough || kept.blobs.length > 0) {
    const ledger = seal(draft, parent, stated.closeTimeRippleS);
    if (!equalBytes(ledger.headerBytes, kept.header))
      throw refuted(draft.index, "has another header than its transactions give");
    return ledger;
  }
  const hash = hexOf(ledgerHash(kept.header));
  return { header: stated, headerBytes: kept.header, hash, transactions: [], state: draft.state };
}

function refuted(index: number, fault: string): SettlementError {
  return new SettlementError("LOCALNET_DATA_REFUTED", `ledger ${index} of the local network's data ${fault}`);
}

/** Tries transactions again while others make progress; returns those that still wait. */
export function applyInPasses(
  transactions: readonly Transaction[],
  attempt: (transaction: Transaction, mayRetry: boolean) => "done" | "failed" | "retry",
): readonly Transaction[] {
  let waiting = transactions;
  let mayRetry = true;
  for (let pass = 0; pass < totalPasses; pass++) {
    let changes = 0;
    const again: Transaction[] = [];
    for (const transaction of waiting) {
      const outcome = attempt(transaction, mayRetry);
      if (outcome === "done") changes++;
      if (outcome === "retry") again.push(transaction);
    }
    waiting = again;
    if (changes === 0 && !mayRetry) break;
    if (changes === 0 || pass >= retryPasses) mayRetry = false;
  }
  return waiting;
}

function seal(draft: Draft, parent: Parent, closeTimeRippleS: number): Ledger {
  const transactions = Array.from(draft.applied.values(), ({ transaction, meta }, index) => {
    return { hash: transaction.id, blob: transaction.blob, meta, index };
  });
  return sealed(draft.state, transactions, {
    index: draft.index,
    totalDrops: draft.totalDrops,
    parentHash: bytesOf(parent.hash),
    parentCloseTimeRippleS: parent.header.closeTimeRippleS,
    closeTimeRippleS,
  });
}

type Named = "index" | "totalDrops" | "parentHash" | "parentCloseTimeRippleS" | "closeTimeRippleS";

function sealed(
  state: StateTree,
  transactions: readonly ClosedTransaction[],
  named: Pick<LedgerHeader, Named>,
): Ledger {
  const leaves = transactions.map(({ hash, blob, meta }) => ({
    key: bytesOf(hash),
    hash: transactionLeaf(blob, meta),
  }));
  const header: LedgerHeader = {
    ...named,
    transactionRoot: treeRoot(leaves),
    stateRoot: state.rootHash(),
    closeResolutionS,
    closeFlags: 0,
  };
  const headerBytes = encodeLedgerHeader(header);
  return { header, headerBytes, hash: hexOf(ledgerHash(headerBytes)), transactions, state };
}
