import { SettlementError } from "../core/error.ts";
import { isServerFault, mostHopeful, noneIsFit } from "./xrpl-failover.ts";
import { isRefusal, refusalText, type XrplServer } from "./xrpl-rpc.ts";
import type { Servers, Standing } from "./xrpl-servers.ts";

/** Refusals of a server that is not well for the moment: it has not looked at the transaction. */
const unwell: ReadonlySet<string> = new Set([
  "noNetwork",
  "notSynced",
  "noCurrent",
  "noClosed",
  "tooBusy",
  "slowDown",
  "amendmentBlocked",
  "forbidden",
  "internal",
]);

/** Beginnings of preliminary words, the most promising first; whatever is none of them comes after. */
const promise: readonly string[] = ["tes", "terQUEUED", "tefALREADY", "tefPAST_SEQ", "tec", "ter", "tel", "tef", "tem"];

function rank(word: string): number {
  const at = promise.findIndex((start) => word.startsWith(start));
  return at < 0 ? promise.length : at;
}

/** @throws SettlementError `CHAIN_UNREACHABLE` when the server has not looked at the transaction */
async function send(server: XrplServer, blob: string): Promise<string> {
  const answer = await server.request("submit", { tx_blob: blob });
  if (!isRefusal(answer)) {
    const word = answer["engine_result"];
    return typeof word === "string" ? word.slice(0, 100) : "no engine result";
  }
  const words = refusalText(answer);
  if (!unwell.has(answer.error)) return words;
  throw new SettlementError("CHAIN_UNREACHABLE", `${server.endpoint} did not take the transaction, ${words}`);
}

/**
 * Sends the same bytes to every server of the network that does not show another chain; what one of them keeps, the network
 * has. Resolves to the most promising of their words, none of which is final.
 *
 * @throws SettlementError `CHAIN_UNREACHABLE` when it may have reached none, whatever they kept, and those of a survey
 */
export async function submitToAll(servers: Servers, blob: string): Promise<string> {
  const standings = await servers.standings();
  const open = standings.filter(({ look, fault }: Standing) => look || fault?.code === "CHAIN_STALE");
  if (open.length === 0) throw noneIsFit(standings.flatMap(({ fault }) => fault ?? []));
  const failed: SettlementError[] = [];
  const words = await Promise.all(
    open.map(async ({ server }) => {
      try {
        return await send(server, blob);
      } catch (error) {
        if (!isServerFault(error)) throw error;
        servers.blame(server, error);
        failed.push(error);
        return [];
      }
    }),
  );
  const best = words.flat().toSorted((a, b) => rank(a) - rank(b))[0];
  if (best !== undefined) return best;
  throw new SettlementError("CHAIN_UNREACHABLE", failed.map(({ message }) => message).join("; "), {
    cause: mostHopeful(failed),
  });
}
