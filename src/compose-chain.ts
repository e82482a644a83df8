import { join } from "node:path";
import { ask, heldIn, readLedger } from "./adapters/xrpl-answers.ts";
import { memorySeenLedgers } from "./adapters/memory-seen-ledgers.ts";
import { xrplChain } from "./adapters/xrpl-chain.ts";
import { firstAnswer } from "./adapters/xrpl-failover.ts";
import { requireNetwork } from "./adapters/xrpl-health.ts";
import { fundLocalAccount } from "./adapters/xrpl-local-funds.ts";
import { type XrplServer, xrplServer } from "./adapters/xrpl-rpc.ts";
import { anchorSigner } from "./compose-account.ts";
import { localValidatorSeed } from "./compose-keys.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";
import { localNetworkId, type NetworkName } from "./core/network.ts";
import { type Localnet, startLocalnet } from "./localnet/start-localnet.ts";
import type { PinnedPublisher } from "./core/trust.ts";
import type { Chain, LogEntry, SeenLedgers } from "./ports.ts";
import type { FetchedAnchor } from "./settle/verify-anchor.ts";
import { settings } from "./settings.ts";

/** Servers of the public networks that are asked where the configuration names none. */
const publicEndpoints: Readonly<Record<string, readonly string[]>> = {
  mainnet: ["wss://xrplcluster.com", "wss://s2.ripple.com"],
  testnet: ["wss://s.altnet.rippletest.net:51233", "wss://clio.altnet.rippletest.net:51233"],
  devnet: ["wss://s.devnet.rippletest.net:51233", "wss://clio.devnet.rippletest.net:51233"],
};

/** Where the public networks' validator lists are published. */
const publicLists: Readonly<Record<string, readonly string[]>> = {
  mainnet: ["https://unl.xrplf.org", "https://vl.ripple.com"],
  testnet: ["https://vl.altnet.rippletest.net"],
  devnet: ["https://vl.devnet.rippletest.net"],
};

/** A local network's validators are not renewed, so their list has to last, seconds. */
export const localListLifeS: number = 20 * 365 * 86_400;

export interface OpenChain {
  readonly chain: Chain;
  readonly account: string;
  /** Whose validators can be listened to, and where their lists are. */
  readonly witnesses: Witnesses;
  close(): Promise<void>;
}

/** Where validators are heard, and where it is published who they are. */
export interface Witnesses {
  /** WebSocket addresses. */
  readonly endpoints: readonly string[];
  /** None where nobody publishes one. */
  readonly listUrls: readonly string[];
  /** Of a network in this process, which nobody knows otherwise. */
  readonly publisher?: PinnedPublisher;
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
  anchorSigner(config);
  if (!isEmbedded(config)) requireEndpoints(config);
}

/**
 * Hears what an operator should know of the chain.
 *
 * @param standing - which trouble of a server it is about, as a log takes it
 */
export type Report = (notice: string, standing?: Readonly<Record<string, string | number>>) => void;

/** A server that fails now and then is made up for by the others; one that is away for longer is told of. */
const serverPatienceMs = 3_600_000;

/** Which trouble an entry about a server is about, as a log takes it. */
export function standingOf({ level, endpoint, code }: LogEntry): Readonly<Record<string, string | number>> {
  const server = `server ${String(endpoint)}`;
  return level === "info"
    ? { level, over: server }
    : { trouble: server, code: String(code), patienceMs: serverPatienceMs };
}

/** How to reach the configured network: its servers, or the one started in this process. */
async function reach(
  config: Config,
  report: Report,
): Promise<{
  readonly servers: readonly XrplServer[];
  readonly witnesses: Witnesses;
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}> {
  const localnet = isEmbedded(config)
    ? await startLocalnet({
        wsPort: 0,
        rpcPort: 0,
        closeMs: config.closeMs,
        networkId: config.networkId ?? localNetworkId,
        dataDir: join(config.data, "localnet"),
        validators: { count: settings.validators.value, seed: localValidatorSeed(config), listLifeS: localListLifeS },
        report,
      })
    : undefined;
  const endpoints = localnet ? [localnet.wsUrl] : requireEndpoints(config);
  const servers = endpoints.map((endpoint) => xrplServer(endpoint));
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    await localnet?.close();
  };
  return { servers, witnesses: witnessesOf(config, endpoints, localnet), isEmbedded: localnet !== undefined, close };
}

function witnessesOf({ network, listUrl }: Config, endpoints: readonly string[], localnet?: Localnet): Witnesses {
  const publicKey = localnet?.validators?.publisher;
  if (localnet && publicKey !== undefined)
    return { endpoints, listUrls: [`${localnet.rpcUrl}/vl/${publicKey}`], publisher: { publicKey, network } };
  return { endpoints, listUrls: listUrl ?? publicLists[network] ?? [] };
}

/**
 * The configured network; `local` without endpoints is started in this process and its account funded.
 *
 * @throws SettlementError `CONFIG_INVALID`, `SEED_MALFORMED`, `CHAIN_UNREACHABLE`
 */
export async function openChain(
  config: Config,
  report: Report,
  seen: SeenLedgers = memorySeenLedgers(),
): Promise<OpenChain> {
  const signer = anchorSigner(config);
  const { servers, witnesses, isEmbedded: isOwn, close } = await reach(config, report);
  try {
    await firstAnswer(servers, async (server) => {
      await requireNetwork(server, config);
      if (config.network === "local") await fundLocalAccount(server, signer.account);
    });
    const chain = xrplChain({
      network: config.network,
      ...(config.networkId === undefined ? {} : { networkId: config.networkId }),
      servers,
      signer,
      seen,
      clock: Date.now,
      log: (entry) => report([entry.message, entry["detail"] ?? entry["endpoint"]].join(": "), standingOf(entry)),
      feeCapDrops: config.feeCap,
      ledgerWindow: config.ledgerWindow,
      // A network in this process closes ledgers while it runs: after a start, the last one is as old as the stop before.
      ...(isOwn ? { staleAfterS: Infinity } : {}),
    });
    return { chain, account: signer.account, witnesses, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A validated transaction and its ledger, with the server that was believed in calling it so.
 *
 * @throws SettlementError `TRANSACTION_NOT_FOUND`, `TRANSACTION_NOT_VALIDATED`, `CHAIN_WRONG_NETWORK`, `CHAIN_UNREACHABLE`
 */
export async function fetchAnchor(
  config: Config,
  hash: string,
  report: Report,
): Promise<FetchedAnchor & { readonly server: string }> {
  const { servers, close } = await reach(config, report);
  try {
    return await firstAnswer(servers, async (server) => {
      const { networkId } = await requireNetwork(server, config);
      const captured = await readLedger(server, await validatedIn(server, hash, config.network));
      return { hash, network: config.network, networkId, captured, server: server.endpoint };
    });
  } finally {
    await close();
  }
}

/** Index of the ledger that a server says holds a transaction. */
async function validatedIn(server: XrplServer, hash: string, network: NetworkName): Promise<number> {
  const found = await ask(server, "tx", { transaction: hash }, ["txnNotFound"]);
  if (!found) {
    throw new SettlementError(
      "TRANSACTION_NOT_FOUND",
      `${server.endpoint} knows no transaction ${hash}; is it on ${network}, and was that network reset since?`,
    );
  }
  if (found.object["validated"] === true) return heldIn(found);
  throw new SettlementError(
    "TRANSACTION_NOT_VALIDATED",
    `transaction ${hash} is in no validated ledger of ${server.endpoint} yet`,
  );
}
