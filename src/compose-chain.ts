import { join } from "node:path";
import { ask, demand, readLedger } from "./adapters/xrpl-answers.ts";
import { xrplChain } from "./adapters/xrpl-chain.ts";
import { fundLocalAccount } from "./adapters/xrpl-local-funds.ts";
import { type XrplRpc, xrplRpc } from "./adapters/xrpl-rpc.ts";
import { seedSigner } from "./adapters/xrpl-signer.ts";
import { anchorSeed } from "./compose-keys.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";
import { isIdOfNetwork, localNetworkId } from "./core/network.ts";
import { type Localnet, startLocalnet } from "./localnet/start-localnet.ts";
import type { Chain } from "./ports.ts";
import type { FetchedAnchor } from "./settle/verify-anchor.ts";

/** Servers of the public networks that are asked where the configuration names none. */
const publicEndpoints: Readonly<Record<string, readonly string[]>> = {
  mainnet: ["wss://xrplcluster.com", "wss://s2.ripple.com"],
  testnet: ["wss://s.altnet.rippletest.net:51233"],
  devnet: ["wss://s.devnet.rippletest.net:51233"],
};

/** Time between two ledgers of the network in this process, milliseconds. */
const localCloseMs = 250;

export interface OpenChain {
  readonly chain: Chain;
  readonly account: string;
  /** The network in this process, where there is one. */
  readonly localnet?: Localnet;
  close(): Promise<void>;
}

/** @throws SettlementError `CONFIG_INVALID` where none is known */
function requireEndpoints(config: Config): readonly string[] {
  const endpoints = config.endpoint ?? publicEndpoints[config.network] ?? [];
  if (endpoints.length === 0) throw new SettlementError("CONFIG_INVALID", `network ${config.network} needs --endpoint`);
  return endpoints;
}

function isEmbedded({ network, endpoint }: Config): boolean {
  return network === "local" && endpoint === undefined;
}

/**
 * Refuses what can be refused before anything is opened.
 *
 * @throws SettlementError `CONFIG_INVALID`, `SEED_MALFORMED`
 */
export function checkChainConfig(config: Config): void {
  seedSigner(anchorSeed(config), config.account);
  if (!isEmbedded(config)) requireEndpoints(config);
}

/** Hears what an operator should know of the network in this process. */
export type Report = (notice: string) => void;

/** How to reach the configured network: its servers, or the one started in this process. */
async function reach(
  config: Config,
  report: Report,
): Promise<{ readonly rpc: XrplRpc; readonly localnet?: Localnet; close(): Promise<void> }> {
  const localnet = isEmbedded(config)
    ? await startLocalnet({
        wsPort: 0,
        rpcPort: 0,
        closeMs: localCloseMs,
        networkId: config.networkId ?? localNetworkId,
        dataDir: join(config.data, "localnet"),
        report,
      })
    : undefined;
  const rpc = xrplRpc(localnet ? [localnet.wsUrl] : requireEndpoints(config));
  const close = async (): Promise<void> => {
    await rpc.close();
    await localnet?.close();
  };
  return { rpc, ...(localnet ? { localnet } : {}), close };
}

/**
 * The configured network; `local` without endpoints is started in this process and its account funded.
 *
 * @throws SettlementError `CONFIG_INVALID`, `SEED_MALFORMED`, `CHAIN_UNREACHABLE`
 */
export async function openChain(config: Config, report: Report): Promise<OpenChain> {
  const signer = seedSigner(anchorSeed(config), config.account);
  const { rpc, localnet, close } = await reach(config, report);
  try {
    await requireNetworkId(rpc, config);
    if (config.network === "local") await fundLocalAccount(rpc, signer.account);
    const chain = xrplChain({
      network: config.network,
      rpc,
      signer,
      feeCapDrops: config.feeCap,
      ledgerWindow: config.ledgerWindow,
    });
    return { chain, account: signer.account, ...(localnet ? { localnet } : {}), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns the id of the server's network @throws SettlementError `CHAIN_WRONG_NETWORK` when the server is of another network than the configured one */
async function requireNetworkId(rpc: XrplRpc, { network, networkId }: Config): Promise<number> {
  const info = (await demand(rpc, "server_info")).reader("info");
  const found = info.has("network_id") ? info.count("network_id", 0xffff_ffff) : 0;
  if (isIdOfNetwork(network, found) && (networkId === undefined || networkId === found)) return found;
  throw new SettlementError(
    "CHAIN_WRONG_NETWORK",
    `${rpc.endpoint()} is of network ${found}, which is not ${network}${networkId === undefined ? "" : ` with id ${networkId}`}; nothing was signed`,
  );
}

/**
 * A validated transaction and its ledger.
 *
 * @throws SettlementError `TRANSACTION_NOT_FOUND`, `TRANSACTION_NOT_VALIDATED`, `CHAIN_WRONG_NETWORK`, `CHAIN_UNREACHABLE`
 */
export async function fetchAnchor(config: Config, hash: string, report: Report): Promise<FetchedAnchor> {
  const { rpc, close } = await reach(config, report);
  try {
    const networkId = await requireNetworkId(rpc, config);
    const found = await ask(rpc, "tx", { transaction: hash }, ["txnNotFound"]);
    if (!found)
      throw new SettlementError(
        "TRANSACTION_NOT_FOUND",
        `${rpc.endpoint()} knows no transaction ${hash}; is it on ${config.network}, and was that network reset since?`,
      );
    if (found.object["validated"] !== true) {
      throw new SettlementError(
        "TRANSACTION_NOT_VALIDATED",
        `transaction ${hash} is in no validated ledger of ${rpc.endpoint()} yet`,
      );
    }
    const captured = await readLedger(rpc, found.count("ledger_index", 0xffff_ffff));
    return { hash, network: config.network, networkId, captured };
  } finally {
    await close();
  }
}
