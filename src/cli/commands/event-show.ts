import { existsSync } from "node:fs";
import { openLedger } from "../../compose.ts";
import { configuredTrust, fast, policyBytes } from "../../compose-judging.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { dialectOf, type LedgerEvent, parseLedgerEvent } from "../../core/ledger-event.ts";
import { placed } from "../../core/placed.ts";
import { defaultPolicy } from "../../core/policy.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { readNetworkRules } from "../../settle/network-files.ts";
import { type EventLeaf, findEvent, monthProver } from "../../settle/prove-inclusion.ts";
import { monthEvidence } from "../../settle/release-month.ts";
import type { CommandSpec } from "../command.ts";
import { columns, harmless, type Io, styled } from "../io.ts";
import { type EventFacts, eventFacts, signatureFacts } from "../join/event-facts.ts";
import { ownNode, readEvent } from "../join/given-files.ts";
import { warnOfRecovery } from "../notes.ts";

function isName(argument: string): boolean {
  return /^[0-9a-fA-F]{64}$/.test(argument) || (/^[^@/]+\/[^@/]+@/.test(argument) && !existsSync(argument));
}

function eventIn(path: string): LedgerEvent {
  const json = readEvent(path);
  return placed(path, () => parseLedgerEvent(dialectOf(json), json, fast.sha256));
}

/** Of an event in a file, with nothing at hand but perhaps the manifest of its node. */
function factsAlone(event: LedgerEvent, config: Config): EventFacts {
  const node = ownNode(config);
  return eventFacts(event, signatureFacts(event, node ? [node] : [], defaultPolicy, undefined), null);
}

/** Of an event by its name in a ledger, or of one in a file that the ledger may hold. */
async function factsInLedger(wanted: string | LedgerEvent, config: Config, io: Io): Promise<EventFacts> {
  const open = await openLedger(config.ledger, warnOfRecovery(io));
  const view = await readLedgerView(open);
  const leaf = await leafOf(() => findEvent(view, typeof wanted === "string" ? wanted : wanted.id), wanted);
  const { policy } = await readNetworkRules(open, policyBytes(config));
  if (!leaf) {
    const event = wanted as LedgerEvent;
    return eventFacts(event, signatureFacts(event, view.nodes, policy, undefined), null);
  }
  const { partition, index } = leaf;
  const event = await partition.events.at(index);
  const { month, state } = partition;
  const prove = async (): ReturnType<Awaited<ReturnType<typeof monthProver>>["prove"]> =>
    (await monthProver(view, partition, { ...open, ...fast })).prove(index);
  const { anchor, witnessedUnixMs } = await monthEvidence(
    { month, state, prove },
    configuredTrust(config),
    fast.verify,
  );
  // The signature in the ledger may be another one than that in the file.
  const shown = typeof wanted === "string" ? event : wanted;
  const signature = signatureFacts(shown, view.nodes, policy, witnessedUnixMs);
  return eventFacts(shown, signature, anchor && { month, leafIndex: index, anchor });
}

/** A file's event may be in no ledger yet; a name is of one that is. */
async function leafOf(find: () => Promise<EventLeaf>, wanted: string | LedgerEvent): Promise<EventLeaf | undefined> {
  try {
    return await find();
  } catch (error) {
    const isAbsent = error instanceof SettlementError && error.code === "EVENT_NOT_FOUND";
    if (isAbsent && typeof wanted !== "string") return undefined;
    throw error;
  }
}

function text(io: Io, { signature, place, ...facts }: EventFacts): string {
  const { id, dialect, type, node, repo, version, timestamp, month } = facts;
  const colour = { holds: "green", fails: "red", unknown: "yellow" } as const;
  const by = signature.signer === null ? "" : ` (${signature.signer}, key ${signature.key})`;
  const verdict = styled(io, colour[signature.verdict], signature.verdict);
  const about = [repo, version].filter((part) => part !== null).join("@");
  const rows: [string, string][] = [
    ["event", id],
    ["type", `${type} (${dialect} dialect)`],
    ["node", harmless(node ?? "not known")],
    ...(about === "" ? [] : [["about", harmless(about)] as [string, string]]),
    ["time", timestamp],
    ["signature", `${verdict}${harmless(by)}: ${harmless(signature.detail)}`],
    ["month", place ? `${place.month}, leaf ${place.leafIndex}` : `${month}; the ledger at hand does not hold it`],
  ];
  if (place) {
    const { verdict: anchored, state, detail } = place.anchor;
    rows.push(["anchor", `${anchored ?? state}: ${harmless(detail)}`]);
  }
  return columns(rows, "");
}

const exitCodes = { holds: 0, fails: 1, unknown: 3 } as const;

export const eventShow: CommandSpec = {
  name: "event show",
  usage: "<ID|FILE>",
  about:
    "Show one event: its type, node, version and time, who signed it and whether the signature holds, its month and leaf, and whether that is anchored by what you pin. Named by its id, by org/repo@version, or by a file. Exit 1 when the signature fails, 3 when no key at hand can tell.",
  settings: ["ledger", "node", "policy", "trust", "format"],
  examples: ["event show your-org/your-repo@1.2.0 --ledger ../network", "event show event.json"],
  async run({ config, format, io }, [argument = ""]) {
    const wanted = isName(argument) ? argument : eventIn(argument);
    const isAlone =
      typeof wanted !== "string" &&
      !config.given.has("ledger") &&
      (config.given.has("node") || !existsSync(config.ledger));
    const facts = isAlone ? factsAlone(wanted, config) : await factsInLedger(wanted, config, io);
    io.out(format === "json" ? `${JSON.stringify(facts, null, 2)}\n` : text(io, facts));
    return exitCodes[facts.signature.verdict];
  },
};
