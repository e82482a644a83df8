import { SettlementError } from "../../src/core/error.ts";
import { localNetworkId } from "../../src/core/network.ts";
import type { ClosedLedger, Engine, EngineConfig } from "../../src/localnet/engine.ts";
import { chainStore } from "../../src/localnet/engine/chain-store.ts";
import { engineOf, secondLedger } from "../../src/localnet/engine/create-engine.ts";
import { type AccountRoot, encodeEntry } from "../../src/localnet/engine/entry.ts";
import { readAccount } from "../../src/localnet/engine/draft.ts";
import { boundedMap, type HashRouter } from "../../src/localnet/engine/hash-router.ts";
import { accountKey } from "../../src/localnet/engine/keys.ts";
import { firstLedger, type Ledger } from "../../src/localnet/engine/ledger.ts";
import { nodeOn } from "../../src/localnet/engine/node.ts";
import { lastMonthEndMs } from "./months.ts";
import type { Answer } from "./server-lies.ts";
import { anchoring, crowd, genesis } from "./accounts.ts";

/** One chain of ledgers that grows: the true network, or a branch of it. */
export interface Branch {
  readonly engine: Engine;
  /** Answers that hold until the next change. */
  readonly answers: Map<string, Answer>;
  /** Answers about closed ledgers, which hold for ever. */
  readonly closedAnswers: Map<string, Answer>;
  /** Closes the open ledger. */
  close(): void;
  /** Another chain that goes on from the ledger so many before the last. Nothing that waits comes with it. */
  fork(ledgersBack: number): Branch;
  /**
   * Takes the account's drops away between the open ledger and the closed one, in the next close, so that what was good
   * enough for the open ledger fails in the closed one. No transaction does it; what it does to ours is a `tec` result.
   */
  drain(address: string): void;
}

const usual: Omit<EngineConfig, "nowUnixS"> = {
  networkId: localNetworkId,
  baseFeeDrops: 10,
  reserveBaseDrops: 1_000_000,
  reserveIncrementDrops: 200_000,
};

/** A signature that was found good once is good in every schedule, for the id of a transaction covers it. */
const goodIds = boundedMap<true>(100_000);

function shared(router: HashRouter): HashRouter {
  return {
    ...router,
    fault(transaction) {
      if (goodIds.get(transaction.id)) return undefined;
      const fault = router.fault(transaction);
      if (fault === undefined) goodIds.set(transaction.id, true);
      return fault;
    },
  };
}

function branchOf(config: EngineConfig, ledgers: readonly Ledger[]): Branch {
  const [first, ...rest] = ledgers;
  if (!first) throw new RangeError("a branch begins with a ledger");
  const all = [...ledgers];
  const store = chainStore(config, first);
  for (const ledger of rest) store.append(ledger);
  let isToDrain: string | undefined;
  const last = (): Ledger => {
    const ledger = store.last();
    const account = isToDrain === undefined ? undefined : readAccount(ledger.state, isToDrain);
    if (!account) return ledger;
    const drained: AccountRoot = { ...account, Balance: "1" };
    return { ...ledger, state: ledger.state.with(accountKey(account.Account), encodeEntry(drained)) };
  };
  const node = nodeOn(config, { ...store, last }, (ledger) => {
    all.push(ledger);
    isToDrain = undefined;
  });
  const answers = new Map<string, Answer>();
  const engine = engineOf(Object.assign(node, { router: shared(node.router) }));
  const closed = new Map<number, ClosedLedger>();
  const closedByIndex = (index: number): ClosedLedger | undefined => {
    const ledger = closed.get(index) ?? engine.closedByIndex(index);
    if (ledger) closed.set(index, ledger);
    return ledger;
  };
  return {
    engine: {
      ...engine,
      // Closed ledgers stay as they are, and an engine hashes them each time anew.
      closedByIndex,
      last: () => closedByIndex(all.length) ?? engine.last(),
      submit(blob, options) {
        answers.clear();
        return engine.submit(blob, options);
      },
    },
    answers,
    closedAnswers: new Map(),
    close() {
      answers.clear();
      engine.accept();
    },
    fork: (ledgersBack) => branchOf(config, all.slice(0, Math.max(minLedgers, all.length - ledgersBack))),
    drain: (address) => {
      isToDrain = address;
    },
  };
}

/** No branch begins before the accounts exist. */
const minLedgers = 5;

/** Submits what has to be taken. */
function send(engine: Engine, blob: Uint8Array): void {
  const outcome = engine.submit(blob);
  const word = "refused" in outcome ? outcome.refused : outcome.engineResult;
  if (word !== "tesSUCCESS") throw new SettlementError("ACCOUNT_NOT_FUNDED", `the network says ${word}`);
}

/** Ledgers 1 to 5: the accounts are funded, and two empty ledgers close after. They are made once. */
let prepared: readonly Ledger[] | undefined;

function prepare(): readonly Ledger[] {
  let nowUnixS = lastMonthEndMs / 1000 - 300;
  const config = { ...usual, nowUnixS: () => nowUnixS };
  const first = firstLedger(config);
  const store = chainStore(config, first);
  const second = secondLedger(config, first);
  store.append(second);
  const ledgers = [first, second];
  const engine = engineOf(nodeOn(config, store, (ledger) => ledgers.push(ledger)));
  for (const [at, { address }] of [anchoring, crowd].entries()) {
    const drops = at === 0 ? "1000000000" : "9000000000";
    send(
      engine,
      genesis.sign({ TransactionType: "Payment", Destination: address, Amount: drops, Fee: "10", Sequence: at + 1 }),
    );
  }
  for (let closes = 0; closes < 3; closes++) {
    nowUnixS += 8;
    engine.accept();
  }
  return ledgers;
}

/**
 * A network whose anchoring account has 1,000 XRP and has made no transaction yet.
 *
 * @param ledgerRoom - transactions a ledger is expected to hold before fees rise
 */
export function newNetwork(nowMs: () => number, ledgerRoom: number): Branch {
  prepared ??= prepare();
  const queue = {
    minimumLedgerTransactions: ledgerRoom,
    targetLedgerTransactions: ledgerRoom,
    ledgersInQueue: 2,
    minimumQueueSize: ledgerRoom * 2,
  };
  return branchOf({ ...usual, queue, nowUnixS: () => Math.floor(nowMs() / 1000) }, prepared);
}
