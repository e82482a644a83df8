import { type Hash } from "../../core/hash.ts";
import { encodeLedgerHeader, ledgerHash, type LedgerHeader } from "../../core/xrpl/ledger-header.ts";
import { transactionLeaf, treeRoot } from "../../core/xrpl/shamap.ts";
import { type ClosedTransaction, type EngineConfig } from "../engine.ts";
import { type Draft } from "./draft.ts";
import { genesisDrops, genesisState } from "./genesis.ts";
import { bytesOf, hexOf } from "./hex.ts";
import { withParentHash } from "./skip-list.ts";
import { type StateTree } from "./state-tree.ts";

/** A closed ledger with its whole state. */
export interface Ledger {
  readonly header: LedgerHeader;
  readonly headerBytes: Uint8Array;
  /** Upper-case hex. */
  readonly hash: string;
  readonly transactions: readonly ClosedTransaction[];
  readonly state: StateTree;
}

/** What the next ledger needs of the one before. */
export type Parent = Pick<Ledger, "header" | "hash" | "state">;

/** Seconds that close times are rounded to. A real network makes this coarser while its validators disagree; one server never does. */
export const closeResolutionS = 10;

export function firstLedger(config: EngineConfig): Ledger {
  const state = genesisState(config);
  return sealed(state, [], {
    index: 1,
    totalDrops: genesisDrops,
    parentHash: new Uint8Array(32),
    stateRoot: state.rootHash(),
    parentCloseTimeRippleS: 0,
    closeTimeRippleS: 0,
  });
}

/** A draft on top of `parent`: open, or to be sealed. */
export function draftOn(config: EngineConfig, parent: Parent, isOpen: boolean): Draft {
  const { header, hash } = parent;
  const state = isOpen ? parent.state : withParentHash(parent.state, header.index, hash);
  const { totalDrops } = header;
  return { config, index: header.index + 1, parentHash: hash, isOpen, state, totalDrops, applied: new Map() };
}

/** @param stateRoot - known already; working it out is the slow part of an empty ledger */
export function sealDraft(
  draft: Draft,
  parent: Parent,
  closeTimeRippleS: number,
  stateRoot: Hash = draft.state.rootHash(),
): Ledger {
  const transactions = Array.from(draft.applied.values(), ({ transaction, meta }, index) => {
    return { hash: transaction.id, blob: transaction.blob, meta, index };
  });
  return sealed(draft.state, transactions, {
    index: draft.index,
    totalDrops: draft.totalDrops,
    parentHash: bytesOf(parent.hash),
    stateRoot,
    parentCloseTimeRippleS: parent.header.closeTimeRippleS,
    closeTimeRippleS,
  });
}

type Given = Omit<LedgerHeader, "transactionRoot" | "closeResolutionS" | "closeFlags">;

function sealed(state: StateTree, transactions: readonly ClosedTransaction[], given: Given): Ledger {
  const leaves = transactions.map(({ hash, blob, meta }) => {
    return { key: bytesOf(hash), hash: transactionLeaf(blob, meta) };
  });
  const header = { ...given, transactionRoot: treeRoot(leaves), closeResolutionS, closeFlags: 0 };
  const headerBytes = encodeLedgerHeader(header);
  return { header, headerBytes, hash: hexOf(ledgerHash(headerBytes)), transactions, state };
}
