import { onTestFinished } from "vitest";
import type { Engine, EngineConfig } from "../../src/localnet/engine.ts";
import { chainStore } from "../../src/localnet/engine/chain-store.ts";
import { engineOf, secondLedger } from "../../src/localnet/engine/create-engine.ts";
import { readAccount } from "../../src/localnet/engine/draft.ts";
import { encodeEntry } from "../../src/localnet/engine/entry.ts";
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

/** Hashes of all transactions of an account that are validated, oldest first. */
export function sentBy(engine: Engine, account: string): readonly string[] {
  return Array.from(engine.accountTransactions(account), ({ hash }) => hash).filter((hash) => isFrom(engine, account, hash));
}

const drainedConfig: EngineConfig = {
  networkId: 63_456,
  baseFeeDrops: 10,
  reserveBaseDrops: 1_000_000,
  reserveIncrementDrops: 200_000,
  nowUnixS: () => Math.floor(Date.now() / 1000),
};
