import { onTestFinished } from "vitest";
import { readAnchorMemos } from "../../src/core/memo.ts";
import { readMetadata, readTransaction } from "../../src/core/xrpl/anchor-transaction.ts";
import type { Engine, EngineConfig } from "../../src/localnet/engine.ts";
import { chainStore } from "../../src/localnet/engine/chain-store.ts";
import { engineOf, secondLedger } from "../../src/localnet/engine/create-engine.ts";
import { readAccount } from "../../src/localnet/engine/draft.ts";
import { type AccountRoot, encodeEntry } from "../../src/localnet/engine/entry.ts";
import { accountKey } from "../../src/localnet/engine/keys.ts";
import { firstLedger } from "../../src/localnet/engine/ledger.ts";
import { nodeOn } from "../../src/localnet/engine/node.ts";
import type { ServerState } from "../../src/localnet/rpc/call.ts";
import { closePort, type OpenPort, openPorts, urlsOf } from "../../src/localnet/rpc/open-ports.ts";
import { type LocalnetOptions, startLocalnet } from "../../src/localnet/start-localnet.ts";
import { fundFromGenesis } from "../support/fund.ts";

/** An XRP Ledger network beside the node, which can go away and come back, or begin anew, at the same address. */
export interface Network {
  readonly endpoint: string;
  /** Where its validators' list is. */
  readonly listUrl: string;
  /** Key of who publishes it. */
  readonly publisher: string;
  readonly engine: Engine;
  /** Closes ledgers from now on. */
  run(): void;
  stop(): Promise<void>;
  /** Begins again with the first ledger. */
  begin(): Promise<void>;
}

const closeMs = 50;

/** @param options - by default ledgers close by themselves */
export async function startNetwork(options: LocalnetOptions = { closeMs }): Promise<Network> {
  let localnet = await startLocalnet(options);
  const { wsUrl, rpcUrl, validators } = localnet;
  const [wsPort = 0, rpcPort = 0] = [wsUrl, rpcUrl].map((url) => Number(new URL(url).port));
  const timers: NodeJS.Timeout[] = [];
  const stop = async (): Promise<void> => {
    timers.splice(0).forEach(clearInterval);
    await localnet.close();
  };
  onTestFinished(stop);
  const publisher = validators?.publisher ?? "";
  return {
    endpoint: wsUrl,
    listUrl: `${rpcUrl}/vl/${publisher}`,
    publisher,
    get engine() {
      return localnet.engine;
    },
    run: () => void timers.push(setInterval(() => localnet.accept(), closeMs)),
    stop,
    async begin() {
      localnet = await startLocalnet({ ...options, wsPort, rpcPort });
    },
  };
}

/** Pays an account from the one that holds everything, and has that validated. */
export function fund(engine: Engine, account: string, drops: number): void {
  fundFromGenesis(engine, account, drops);
  engine.accept();
}

/** Manifest hashes that an account anchored successfully, each as often as it did. */
export function anchorsOf(engine: Engine, account: string): readonly string[] {
  return engine.accountTransactions(account).flatMap(({ blob, meta }) => {
    const { account: by, memos } = readTransaction(blob);
    const claim = by === account && memos.length > 0 ? readAnchorMemos(memos) : undefined;
    return claim && readMetadata(meta).transactionResult === 0 ? [claim.manifest.manifestHash] : [];
  });
}

/** A network whose ledgers close when they are told to, and which can take an account's drops away. */
export interface DrainingNetwork {
  readonly endpoint: string;
  readonly engine: Engine;
  /** Closes ledgers from now on. */
  run(): void;
  /**
   * Closes a ledger in which the account has one drop, so that what was good enough for the open ledger fails. No
   * transaction does it; what it does to the account's own is a `tec` result.
   */
  drain(account: string): void;
}

const usual = { networkId: 63_456, baseFeeDrops: 10, reserveBaseDrops: 1_000_000, reserveIncrementDrops: 200_000 };

function drainingEngine(): Pick<DrainingNetwork, "engine" | "drain"> {
  const config: EngineConfig = { ...usual, nowUnixS: () => Math.floor(Date.now() / 1000) };
  const first = firstLedger(config);
  const store = chainStore(config, first);
  store.append(secondLedger(config, first));
  let drained: string | undefined;
  const last: typeof store.last = () => {
    const ledger = store.last();
    const root = drained === undefined ? undefined : readAccount(ledger.state, drained);
    if (!root) return ledger;
    const poor: AccountRoot = { ...root, Balance: "1" };
    return { ...ledger, state: ledger.state.with(accountKey(root.Account), encodeEntry(poor)) };
  };
  const engine = engineOf(nodeOn(config, { ...store, last }, () => (drained = undefined)));
  return {
    engine,
    drain(account) {
      drained = account;
      engine.accept();
    },
  };
}

export async function startDrainingNetwork(): Promise<DrainingNetwork> {
  const { engine, drain } = drainingEngine();
  const ports: OpenPort[] = [];
  const state: ServerState = { engine, nodePublicKey: "", startedUnixMs: Date.now(), nowUnixMs: Date.now, ports };
  let timer: NodeJS.Timeout | undefined;
  onTestFinished(async () => {
    clearInterval(timer);
    await Promise.all(ports.map(closePort));
  });
  await openPorts({}, { state, subscribers: new Set(), ports });
  const run = (): void => void (timer = setInterval(() => engine.accept(), closeMs));
  return { endpoint: urlsOf(ports).wsUrl, engine, drain, run };
}
