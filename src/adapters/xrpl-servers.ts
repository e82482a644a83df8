import { SettlementError } from "../core/error.ts";
import type { NetworkName } from "../core/network.ts";
import type { Clock, Log, SeenLedger, SeenLedgers } from "../ports.ts";
import { firstAnswer, isServerFault, mostHopeful, noneIsFit } from "./xrpl-failover.ts";
import { type HealthRules, type Look, lookAt } from "./xrpl-health.ts";
import { type Held, progressWatch, type ServerRecord, serverRecord } from "./xrpl-record.ts";
import type { XrplServer } from "./xrpl-rpc.ts";

export interface ServersOptions {
  readonly network: NetworkName;
  /** Where the name of the network admits several ids; by default, that of the first server that has one of them. */
  readonly networkId?: number;
  /** In order of preference, each one endpoint. */
  readonly servers: readonly XrplServer[];
  /** Ledgers this node has concluded from before. */
  readonly seen: SeenLedgers;
  readonly clock: Clock;
  /** Oldest validated ledger, seconds, from which anything is concluded; `Infinity` for a network in this process. */
  readonly staleAfterS?: number;
  /** Hears which server is passed over, and why. */
  readonly log?: Log;
}

/** A server as it stands: fit to conclude from, or the reason why not. */
export type Standing =
  | { readonly server: XrplServer; readonly look: Look; readonly fault?: never }
  | { readonly server: XrplServer; readonly fault: SettlementError; readonly look?: never };

/** The servers as they stand for one operation. */
export interface Survey {
  /** Fit to conclude from, in order of preference; at least one. */
  readonly fresh: readonly Look[];
  readonly standings: readonly Standing[];
  /** The fresh server that is least far. */
  readonly lowest: Look;
  /** Its last ledger, which each fresh server has validated: a higher one is its server's word alone. */
  readonly common: SeenLedger;
}

/** The configured servers, and what is held against each of them. */
export interface Servers {
  readonly network: NetworkName;
  readonly seen: SeenLedgers;
  /**
   * Looks at every server but those set aside; at the broken ones too when no other is fresh, or when `everyone` counts.
   */
  standings(everyone?: boolean): Promise<readonly Standing[]>;
  /**
   * @throws SettlementError `CHAIN_FORKED` when no server shows what this node has seen, `CHAIN_STALE` when none is fresh,
   * `CHAIN_WRONG_NETWORK`, `CHAIN_UNREACHABLE` and others when none answers as it should
   */
  survey(): Promise<Survey>;
  /** Holds a fault against a server: one that lied is not asked for a while, one that is broken only after the others. */
  blame(server: XrplServer, fault: SettlementError): void;
}

const defaultStaleAfterS = 60;

/** Looks at servers, all at once, and says how each one stands. */
function onlooker(
  options: ServersOptions,
  record: ServerRecord,
): (those: readonly XrplServer[]) => Promise<Standing[]> {
  const { network, seen, clock, staleAfterS = defaultStaleAfterS } = options;
  const requireProgress = progressWatch(clock, staleAfterS);
  let { networkId } = options;

  async function look(server: XrplServer, rules: HealthRules): Promise<Standing> {
    try {
      const look = await lookAt(server, rules);
      requireProgress(look);
      return { server, look };
    } catch (fault) {
      if (!isServerFault(fault)) throw fault;
      record.blame(server, fault);
      return { server, fault };
    }
  }

  /** Of several ids that the name admits, the one that was found first stays the network's. */
  function ofOneNetwork(standing: Standing): Standing {
    if (!standing.look) return standing;
    const { server, look } = standing;
    networkId ??= look.networkId;
    if (look.networkId === networkId) return standing;
    const message = `${server.endpoint} is of network ${look.networkId}, the one in use is ${networkId}; say which is meant with --network-id`;
    return { server, fault: new SettlementError("CHAIN_WRONG_NETWORK", message) };
  }

  return async (those) => {
    const latest = await seen.latest(network);
    const rules = { network, networkId, staleAfterS, nowUnixS: clock() / 1000, latest };
    const looked = await Promise.all(those.map((server) => look(server, rules)));
    const standings = looked.map(ofOneNetwork);
    for (const { server, fault } of standings) record.tell(server, fault);
    return standings;
  };
}

export function xrplServers(options: ServersOptions): Servers {
  const { network, servers, seen, clock, log } = options;
  const record = serverRecord(clock, log);
  const lookOver = onlooker(options, record);

  async function standings(everyone = false): Promise<readonly Standing[]> {
    const before = new Map(servers.map((server) => [server, record.against(server)]));
    const honest = servers.filter((server) => !before.get(server)?.isLie);
    const first = everyone ? honest : honest.filter((server) => !before.get(server));
    let looked = await lookOver(first);
    if (!looked.some(({ look }) => look)) {
      looked = [...looked, ...(await lookOver(honest.filter((each) => !first.includes(each))))];
    }
    return servers.map((server) => {
      const standing = looked.find((each) => each.server === server);
      if (!standing) return { server, fault: (before.get(server) as Held).fault };
      if (standing.look) record.forgive(server, before.get(server));
      return standing;
    });
  }

  return {
    network,
    seen,
    standings,
    blame: record.blame,
    async survey() {
      const all = await standings();
      const fresh = all.flatMap(({ look }) => look ?? []);
      const faults = all.flatMap(({ fault }) => fault ?? []);
      const lowest = fresh.toSorted((a, b) => a.validated.ledgerIndex - b.validated.ledgerIndex)[0];
      if (!lowest) throw noneIsFit(faults);
      return { fresh, standings: all, lowest, common: lowest.validated };
    },
  };
}

/**
 * The first answer of the fresh servers that is none of `undefined`, as {@link firstAnswer} gives it.
 *
 * @throws SettlementError the most hopeful fault of all servers when every fresh one failed; at once, what is no single
 * server's fault
 */
export async function firstOf<T>(
  servers: Servers,
  { fresh, standings }: Survey,
  attempt: (look: Look) => Promise<T>,
): Promise<T> {
  try {
    return await firstAnswer(fresh, attempt, ({ server }, fault) => servers.blame(server, fault));
  } catch (error) {
    if (!isServerFault(error)) throw error;
    throw mostHopeful([error, ...standings.flatMap(({ fault }) => fault ?? [])]);
  }
}
