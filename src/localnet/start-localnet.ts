import { randomBytes } from "node:crypto";

import { fromHex } from "../core/bytes.ts";
import { type ClosedLedger, type Engine, type EngineConfig, type QueueConfig } from "./engine.ts";
import { openEngine } from "./engine/storage.ts";
import { type ServerState, type Subscriber } from "./rpc/call.ts";
import { closePort, type OpenPort, openPorts, type PortOptions, type PortUrls, urlsOf } from "./rpc/open-ports.ts";
import { startPublisher } from "./rpc/publisher.ts";
import { type ValidatorOptions, type ValidatorSet, validatorSet } from "./validators/validator-set.ts";
import { rippleEpochUnixS } from "../core/xrpl/ledger-header.ts";
import { keyOf, nodePublicText } from "./rpc/signing-keys.ts";

export interface LocalnetOptions extends PortOptions {
  /** Milliseconds between two ledgers; 0 closes only by `ledger_accept`. */
  readonly closeMs?: number;
  readonly networkId?: number;
  /** Where the ledgers are kept; without it they are gone with the process. */
  readonly dataDir?: string;
  readonly baseFeeDrops?: number;
  readonly reserveBaseDrops?: number;
  readonly reserveIncrementDrops?: number;
  /** How full a ledger gets before fees rise and transactions wait. */
  readonly queue?: QueueConfig;
  /** Those who sign for its ledgers, as on a real network; none by default. */
  readonly validators?: ValidatorOptions;
  /** The clock, in seconds since 1970. */
  readonly nowUnixS?: () => number;
  /** Hears what an operator should know: a torn end of the data cut off, a ledger that could not be kept. */
  readonly report?: (notice: string) => void;
}

export interface Localnet extends PortUrls, AsyncDisposable {
  readonly engine: Engine;
  readonly validators?: ValidatorSet;
  /** Closes the open ledger now. */
  accept(): ClosedLedger;
  /** Ends every connection and frees the ports. May be called again. */
  close(): Promise<void>;
}

/** Account reserve, owner reserve and base fee of the main network; an id over 1024, so that no blob is valid elsewhere. */
const usual: Omit<EngineConfig, "nowUnixS"> = {
  networkId: 63456,
  baseFeeDrops: 10,
  reserveBaseDrops: 1_000_000,
  reserveIncrementDrops: 200_000,
};

/**
 * Starts an XRP Ledger network of one server in this process. It speaks rippled's WebSocket and JSON-RPC, API versions 1
 * and 2. What it validates convinces nobody else, and it says so in `server_info`.
 *
 * @throws SettlementError `HTTP_LISTEN_FAILED` when a port is taken, and what opening the data folder throws
 */
export async function startLocalnet(options: LocalnetOptions = {}): Promise<Localnet> {
  const report = options.report ?? (() => {});
  const nowUnixS = options.nowUnixS ?? (() => Math.floor(Date.now() / 1000));
  const engine = openEngine({ ...usual, ...settings(options), nowUnixS }, options.dataDir, report);
  const nowUnixMs = options.nowUnixS === undefined ? Date.now : () => nowUnixS() * 1000;
  const subscribers = new Set<Subscriber>();
  const ports: OpenPort[] = [];
  const state: ServerState = {
    engine,
    nodePublicKey: nodePublicText(fromHex(keyOf(randomBytes(16), "secp256k1").publicKey)),
    startedUnixMs: nowUnixMs(),
    nowUnixMs,
    ports,
    ...(options.validators ? { validators: validatorSet(options.validators, nowUnixS() - rippleEpochUnixS) } : {}),
  };
  const stopPublisher = startPublisher(state, subscribers);
  const timer = options.closeMs ? setInterval(() => acceptOrReport(engine, report), options.closeMs) : undefined;
  const close = async (): Promise<void> => {
    clearInterval(timer);
    stopPublisher();
    await Promise.all(ports.splice(0).map(closePort));
  };
  try {
    await openPorts(options, { state, subscribers, ports });
  } catch (error) {
    await close();
    throw error;
  }
  const { validators } = state;
  return {
    ...urlsOf(ports),
    engine,
    ...(validators ? { validators } : {}),
    accept: () => engine.accept(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A ledger that cannot be written is not closed; the next tick tries again, and who runs this process lives on. */
function acceptOrReport(engine: Engine, report: (notice: string) => void): void {
  try {
    engine.accept();
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
  }
}

function settings(options: LocalnetOptions): Partial<EngineConfig> {
  const { networkId, baseFeeDrops, reserveBaseDrops, reserveIncrementDrops, queue } = options;
  const given = Object.entries({ networkId, baseFeeDrops, reserveBaseDrops, reserveIncrementDrops, queue });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
