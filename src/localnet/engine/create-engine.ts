import { rippleEpochUnixS } from "../../core/xrpl/ledger-header.ts";
import { type Engine, type EngineConfig } from "../engine.ts";
import { buildLedger } from "./build-ledger.ts";
import { firstLedger, type Ledger } from "./ledger.ts";
import { chainStore, viewOf } from "./chain-store.ts";
import { closeLedger, roundedCloseTime } from "./close.ts";
import { nodeOn, seenTransaction, type Node } from "./node.ts";
import { feeState, queuedTransactions } from "./queue-view.ts";
import { submit } from "./submit.ts";

/** A local network in memory. It starts as a standalone rippled does: the genesis ledger, and an empty one after it. */
export function createEngine(config: EngineConfig): Engine {
  const first = firstLedger(config);
  const chain = chainStore(config, first);
  chain.append(secondLedger(config, first));
  return engineOf(nodeOn(config, chain));
}

/** rippled closes an empty ledger on top of the genesis one as it starts. */
export function secondLedger(config: EngineConfig, first: Ledger): Ledger {
  return buildLedger(config, first, [], roundedCloseTime(config.nowUnixS() - rippleEpochUnixS)).ledger;
}

export function engineOf(node: Node): Engine {
  const { config, chain, listeners } = node;
  const lastClosed = () => {
    const ledger = chain.byIndex(chain.last().header.index);
    if (!ledger) throw new Error("there is always a closed ledger");
    return ledger;
  };
  return {
    config,
    last: lastClosed,
    closedByIndex: (index) => chain.byIndex(index),
    closedByHash: (hash) => chain.byHash(hash),
    // Ledger 1 has no transactions and no parent; servers do not count it among the complete ones.
    firstIndex: () => 2,
    open() {
      const { index, parentHash, totalDrops, applied, state } = node.open;
      const transactions = Array.from(applied.values(), ({ transaction, meta }, place) => {
        return { hash: transaction.id, blob: transaction.blob, meta, index: place };
      });
      return { index, parentHash, totalDrops, transactions, state: viewOf(state) };
    },
    submit: (blob, options) => submit(node, blob, options?.failHard ?? false),
    accept(closeTimeRippleS) {
      closeLedger(node, closeTimeRippleS);
      const closed = lastClosed();
      for (const listener of listeners) listener.closed?.(closed);
      return closed;
    },
    transaction: (hash) => seenTransaction(node, hash),
    accountTransactions: (address) => chain.accountTransactions(address),
    fees: () => feeState(node),
    queued: (address) => queuedTransactions(node, address),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
