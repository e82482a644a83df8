import { type EngineConfig, type EngineListener, type SeenTransaction } from "../engine.ts";
import { draftOn, type Ledger } from "./ledger.ts";
import { type ChainStore } from "./chain-store.ts";
import { type Draft } from "./draft.ts";
import { boundedMap, type HashRouter, hashRouter } from "./hash-router.ts";
import { type Held, heldTransactions } from "./held.ts";
import { type LocalTransactions, localTransactions } from "./local-transactions.ts";
import { type Queue, transactionQueue } from "./queue.ts";
import { type Transaction } from "./transaction.ts";

/** All that the one server of a local network knows. */
export interface Node {
  readonly config: EngineConfig;
  readonly chain: ChainStore;
  open: Draft;
  readonly queue: Queue;
  readonly held: Held;
  readonly local: LocalTransactions;
  readonly router: HashRouter;
  /** Transactions that came and are in no ledger yet, as far as they are remembered. */
  readonly pending: { get(id: string): Transaction | undefined; set(id: string, transaction: Transaction): void };
  readonly listeners: Set<EngineListener>;
  /** Writes a ledger down for good before anybody hears of it. */
  readonly persist: (ledger: Ledger) => void;
}

/** The defaults of a standalone rippled. */
const standaloneQueue = {
  minimumLedgerTransactions: 1000,
  targetLedgerTransactions: 256,
  ledgersInQueue: 20,
  minimumQueueSize: 2000,
} as const;

export function nodeOn(config: EngineConfig, chain: ChainStore, persist: (ledger: Ledger) => void = () => {}): Node {
  const node: Node = {
    config,
    chain,
    open: draftOn(config, chain.last(), true),
    queue: transactionQueue(config.queue ?? standaloneQueue),
    held: heldTransactions(() => node.open.parentHash),
    local: localTransactions(),
    router: hashRouter(),
    pending: boundedMap<Transaction>(),
    listeners: new Set(),
    persist,
  };
  return node;
}

export function seenTransaction({ chain, pending }: Node, hash: string): SeenTransaction | undefined {
  const id = hash.toUpperCase();
  const waiting = pending.get(id);
  return chain.transaction(id) ?? (waiting && { hash: id, blob: waiting.blob });
}
