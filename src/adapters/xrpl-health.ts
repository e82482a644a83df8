import { SettlementError } from "../core/error.ts";
import type { FieldReader } from "../core/fields.ts";
import { isIdOfNetwork, type NetworkName } from "../core/network.ts";
import { rippleEpochUnixS } from "../core/xrpl/ledger-header.ts";
import type { SeenLedger } from "../ports.ts";
import { demand, readHeader } from "./xrpl-answers.ts";
import type { XrplServer } from "./xrpl-rpc.ts";

/** A server that is fit to conclude from, as it stood when it was looked at. */
export interface Look {
  readonly server: XrplServer;
  readonly networkId: number;
  /** Does it announce itself as a network in a process that convinces nobody else? */
  readonly isLocal: boolean;
  readonly version: string;
  /** Its last validated ledger, the hash computed here. */
  readonly validated: SeenLedger;
  readonly closeTimeUnixS: number;
  /** Age of that ledger by the server's own clock. */
  readonly ageS: number;
  readonly info: FieldReader;
}

export interface HealthRules {
  readonly network: NetworkName;
  /** Where the name admits several. */
  readonly networkId?: number | undefined;
  readonly staleAfterS: number;
  readonly nowUnixS: number;
  /** The highest ledger this node has concluded from. */
  readonly latest: SeenLedger | undefined;
}

/** States of a server that follows the network. Clio names none: it serves what a server that does has validated. */
const following: ReadonlySet<string> = new Set(["full", "proposing", "validating", "tracking"]);

/** Networks that many validate. */
const publicNetworks: ReadonlySet<NetworkName> = new Set(["mainnet", "testnet", "devnet"]);

/** From this age on rippled reports 0. */
const agelessS = 1_000_000;

/**
 * A server that answers may be so many ledgers behind the highest one concluded from: several machines stand behind one
 * address, and one may be a minute late.
 */
const lagLimit = 20;

/**
 * Asks a server what it is, before it is asked anything else: one of another network may know an account or a transaction
 * of the same name.
 *
 * @throws SettlementError `CHAIN_WRONG_NETWORK`, `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_MALFORMED`
 */
export async function requireNetwork(
  server: XrplServer,
  { network, networkId }: Pick<HealthRules, "network" | "networkId">,
): Promise<{ readonly info: FieldReader; readonly networkId: number }> {
  const info = (await demand(server, "server_info")).reader("info");
  // Clio takes the id from a server behind it, and leaves it out while that one is silent.
  if (info.has("clio_version") && !info.has("rippled_version")) {
    throw new SettlementError("CHAIN_UNREACHABLE", `${server.endpoint} has lost the server behind it`);
  }
  const wrong = (what: string): SettlementError =>
    new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `${server.endpoint} is ${what}, which is not ${network}${networkId === undefined ? "" : ` with id ${networkId}`}; nothing was asked of it`,
    );
  const found = info.has("network_id") ? info.count("network_id", 0xffff_ffff) : 0;
  if (!isIdOfNetwork(network, found) || (networkId !== undefined && networkId !== found))
    throw wrong(`of network ${found}`);
  // A server that runs alone has the main network's id, none, unless it was given another.
  const isAlone = info.object["validation_quorum"] === 0 || info.object["local_network"] === true;
  if (isAlone && publicNetworks.has(network)) throw wrong("a network of its own that nobody else validates");
  return { info, networkId: found };
}

function stale(server: XrplServer, why: string): never {
  throw new SettlementError("CHAIN_STALE", `${server.endpoint} ${why}`);
}

/** Age of the last validated ledger. @throws SettlementError `CHAIN_STALE` for a server that does not follow the network */
function ageOf(server: XrplServer, info: FieldReader, { staleAfterS }: HealthRules): number {
  const state = info.has("server_state") || !info.has("clio_version") ? info.text("server_state", 40) : "full";
  if (!following.has(state)) stale(server, `does not follow the network: it is ${state}`);
  if (info.object["amendment_blocked"] === true)
    stale(server, "is amendment blocked: it cannot judge ledgers any more");
  if (!info.has("validated_ledger")) stale(server, "has no validated ledger");
  const ageS = info.reader("validated_ledger").count("age");
  if (ageS > staleAfterS) stale(server, `has validated nothing for ${ageS} s`);
  return ageS;
}

/**
 * Looks at one server: is it of the network, does it follow it, and does it show what this node has seen before?
 *
 * @throws SettlementError `CHAIN_WRONG_NETWORK`, `CHAIN_STALE`, `CHAIN_FORKED`, `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_MALFORMED`,
 * `CHAIN_ANSWER_REFUTED`
 */
export async function lookAt(server: XrplServer, rules: HealthRules): Promise<Look> {
  const { info, networkId } = await requireNetwork(server, rules);
  const ageS = ageOf(server, info, rules);
  const read = await readHeader(server, "validated");
  if (!read) return stale(server, "has no validated ledger");
  const { header, hash } = read;
  const closeTimeUnixS = header.closeTimeRippleS + rippleEpochUnixS;
  if (ageS === 0 && Number.isFinite(rules.staleAfterS) && rules.nowUnixS - closeTimeUnixS > agelessS) {
    stale(server, "has a last validated ledger that is older than it can say");
  }
  const validated = { ledgerIndex: header.index, hash };
  await requireSeen(server, validated, rules.latest);
  const version = ["build_version", "clio_version"].find((name) => info.has(name));
  return {
    server,
    networkId,
    isLocal: info.object["local_network"] === true,
    version: version === undefined ? "unknown version" : info.text(version, 200),
    validated,
    closeTimeUnixS,
    ageS,
    info,
  };
}

/** @throws SettlementError `CHAIN_FORKED` when the server contradicts what was seen, or has gone back behind it */
async function requireSeen(server: XrplServer, { ledgerIndex, hash }: SeenLedger, latest?: SeenLedger): Promise<void> {
  if (!latest) return;
  if (ledgerIndex + lagLimit < latest.ledgerIndex) {
    throw new SettlementError(
      "CHAIN_FORKED",
      `${server.endpoint} has validated ledger ${ledgerIndex} and no later one; this node has seen ledger ${latest.ledgerIndex}. The network was reset, or the server is of another chain`,
    );
  }
  if (ledgerIndex < latest.ledgerIndex) return;
  const shown = ledgerIndex === latest.ledgerIndex ? hash : (await readHeader(server, latest.ledgerIndex))?.hash;
  if (shown !== undefined && shown !== latest.hash) throw forked(server, latest, shown);
}

/** A server shows another ledger than the one this node has seen. */
export function forked(server: XrplServer, { ledgerIndex, hash }: SeenLedger, shown: string): SettlementError {
  return new SettlementError(
    "CHAIN_FORKED",
    `${server.endpoint} shows ledger ${ledgerIndex} as ${shown}, this node has seen ${hash}: a fork, a reset or a lie`,
  );
}
