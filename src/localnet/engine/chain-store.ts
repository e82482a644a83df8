import { decodeLedgerHeader, ledgerHash, ledgerHeaderSize } from "../../core/xrpl/ledger-header.ts";
import {
  type ClosedLedger,
  type ClosedTransaction,
  type EngineConfig,
  type SeenTransaction,
  type StateView,
} from "../engine.ts";
import { affectedAccounts } from "./affected-accounts.ts";
import { type Ledger } from "./ledger.ts";
import { rebuildLedger } from "./rebuild-ledger.ts";
import { hexOf } from "./hex.ts";
import { type StateTree } from "./state-tree.ts";

/** Ledgers whose state stays at hand; older ones are worked out again from every 256th. */
const recentStates = 256;
const headersPerChunk = 4096;

/**
 * Every closed ledger. An empty one takes its header and one number: a network that closes a ledger a second
 * for days stays small.
 */
export interface ChainStore {
  append(ledger: Ledger): void;
  last(): Ledger;
  byIndex(index: number): ClosedLedger | undefined;
  byHash(hash: string): ClosedLedger | undefined;
  transaction(hash: string): SeenTransaction | undefined;
  accountTransactions(address: string): readonly (ClosedTransaction & { readonly ledgerIndex: number })[];
}

export function chainStore(config: EngineConfig, first: Ledger): ChainStore {
  let last = first;
  const headers = headerList();
  const indexOfHash = new Map<number, number>();
  const transactionsIn = new Map<number, readonly ClosedTransaction[]>();
  const placeOf = new Map<string, Place>();
  const placesOf = new Map<string, Place[]>();
  const states = stateStore(config, {
    header: (index) => headers.get(index),
    transactionsIn: (index) => transactionsIn.get(index) ?? [],
  });

  const append = (ledger: Ledger): void => {
    const { index } = ledger.header;
    last = ledger;
    headers.push(ledger.headerBytes);
    indexOfHash.set(shortHash(ledger.hash), index);
    states.add(index, ledger.state);
    if (ledger.transactions.length === 0) return;
    transactionsIn.set(index, ledger.transactions);
    for (const transaction of ledger.transactions) {
      const place = { ledgerIndex: index, transaction };
      placeOf.set(transaction.hash, place);
      for (const address of affectedAccounts(transaction.meta)) {
        const places = placesOf.get(address);
        if (places) places.push(place);
        else placesOf.set(address, [place]);
      }
    }
  };
  const byIndex = (index: number): ClosedLedger | undefined => {
    const header = headers.get(index);
    if (!header) return undefined;
    const state = lazyView(() => states.at(index));
    return { index, hash: hexOf(ledgerHash(header)), header, transactions: transactionsIn.get(index) ?? [], state };
  };
  append(first);
  return {
    append,
    last: () => last,
    byIndex,
    byHash(hash) {
      const ledger = byIndex(indexOfHash.get(shortHash(hash)) ?? 0);
      return ledger?.hash === hash.toUpperCase() ? ledger : undefined;
    },
    transaction(hash) {
      const place = placeOf.get(hash);
      return place && { ...place.transaction, ledgerIndex: place.ledgerIndex };
    },
    accountTransactions: (address) =>
      (placesOf.get(address) ?? []).map(({ ledgerIndex, transaction }) => ({ ...transaction, ledgerIndex })),
  };
}

interface Place {
  readonly ledgerIndex: number;
  readonly transaction: ClosedTransaction;
}

/** 48 bits of a hash: enough to find its ledger, whose whole hash is compared then. */
function shortHash(hash: string): number {
  return Number.parseInt(hash.slice(0, 12), 16);
}

export function viewOf(tree: StateTree): StateView {
  return lazyView(() => tree);
}

function lazyView(tree: () => StateTree): StateView {
  return { entry: (keyHex) => tree().get(keyHex.toUpperCase()), entries: () => tree().entries() };
}

function headerList(): { push(header: Uint8Array): void; get(index: number): Uint8Array | undefined } {
  const chunks: Uint8Array[] = [];
  let count = 0;
  return {
    push(header) {
      const at = count % headersPerChunk;
      if (at === 0) chunks.push(new Uint8Array(headersPerChunk * ledgerHeaderSize));
      chunks.at(-1)?.set(header, at * ledgerHeaderSize);
      count++;
    },
    get(index) {
      if (!Number.isInteger(index) || index < 1 || index > count) return undefined;
      const from = ((index - 1) % headersPerChunk) * ledgerHeaderSize;
      return chunks[Math.floor((index - 1) / headersPerChunk)]?.slice(from, from + ledgerHeaderSize);
    },
  };
}

interface Past {
  header(index: number): Uint8Array | undefined;
  transactionsIn(index: number): readonly ClosedTransaction[];
}

/** States by ledger index: the recent ones, every 256th, and the last one that was worked out again. */
function stateStore(
  config: EngineConfig,
  past: Past,
): { add(index: number, tree: StateTree): void; at(index: number): StateTree } {
  const kept = new Map<number, StateTree>();
  let again: readonly [index: number, tree: StateTree] | undefined;
  const isMilestone = (index: number): boolean => index % recentStates === 1;
  const at = (index: number): StateTree => {
    const tree = again?.[0] === index ? again[1] : kept.get(index);
    if (tree) return tree;
    let from = index;
    while (!kept.has(from)) from--;
    let state = kept.get(from);
    for (; state && from < index; from++) {
      const parentHeader = past.header(from);
      const header = past.header(from + 1);
      if (!parentHeader || !header) break;
      const parent = { header: decodeLedgerHeader(parentHeader), hash: hexOf(ledgerHash(parentHeader)), state };
      const blobs = past.transactionsIn(from + 1).map(({ blob }) => blob);
      ({ state } = rebuildLedger(config, parent, { header, blobs }, false));
    }
    if (!state) throw new Error(`ledger ${index} is not there`);
    again = [index, state];
    return state;
  };
  return {
    add(index, tree) {
      kept.set(index, tree);
      const old = index - recentStates;
      if (!isMilestone(old)) kept.delete(old);
    },
    at,
  };
}
