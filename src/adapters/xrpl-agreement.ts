import { SettlementError } from "../core/error.ts";
import type { SeenLedger } from "../ports.ts";
import { readHeader } from "./xrpl-answers.ts";
import { isServerFault } from "./xrpl-failover.ts";
import { forked } from "./xrpl-health.ts";
import type { XrplServer } from "./xrpl-rpc.ts";
import type { Servers, Standing } from "./xrpl-servers.ts";

/** What one server shows under an index; undefined where it holds nothing against anybody. */
async function shownBy({ server, look, fault }: Standing, ledgerIndex: number): Promise<string | undefined> {
  // One that is stale is still a voice; one of another network or chain, or that does not answer, is none.
  if (fault && fault.code !== "CHAIN_STALE") return undefined;
  if (look && look.validated.ledgerIndex < ledgerIndex) {
    throw new SettlementError(
      "CHAIN_STALE",
      `${server.endpoint} is up to date and has not validated ledger ${ledgerIndex} yet; it will be asked again`,
    );
  }
  return (await readHeader(server, ledgerIndex))?.hash;
}

async function hear(servers: Servers, standing: Standing, ledgerIndex: number): Promise<string | undefined> {
  try {
    return await shownBy(standing, ledgerIndex);
  } catch (error) {
    if (!isServerFault(error) || error.code === "CHAIN_STALE") throw error;
    servers.blame(standing.server, error);
    return undefined;
  }
}

/**
 * Makes sure that a ledger is the network's before anything irreversible is concluded from it, and remembers it: what this
 * node has seen does not say otherwise, and every other server that answers shows the same hash.
 *
 * A server that does not answer, or that is stale or pruned and does not hold the ledger, is no objection; one that is up
 * to date but not there yet is waited for, or an invented ledger of the future would have nobody to contradict it.
 *
 * @param ledger - the hash computed here from what `from` gave
 * @throws SettlementError `CHAIN_FORKED` for what was seen otherwise, `CHAIN_DISAGREEMENT` when another server shows another
 * ledger and nobody knows which is right, `CHAIN_STALE` when one is not there yet, `STATE_UNAVAILABLE`
 */
export async function agree(servers: Servers, from: XrplServer, ledger: SeenLedger): Promise<void> {
  const { ledgerIndex, hash } = ledger;
  const remembered = await servers.seen.get(servers.network, ledgerIndex);
  if (remembered && remembered.hash !== hash) throw forked(from, remembered, hash);
  const others = (await servers.standings(true)).filter(({ server }) => server !== from);
  const shown = await Promise.all(others.map((standing) => hear(servers, standing, ledgerIndex)));
  const other = shown.findIndex((each) => each !== undefined && each !== hash);
  // Where this node remembers the ledger, who shows another one has left the network or lies.
  if (other >= 0 && !remembered) {
    throw new SettlementError(
      "CHAIN_DISAGREEMENT",
      `ledger ${ledgerIndex} is ${hash} on ${from.endpoint} and ${shown[other] ?? ""} on ${others[other]?.server.endpoint ?? ""}; nothing is decided`,
    );
  }
  if (!remembered) await servers.seen.record(servers.network, ledger);
}
