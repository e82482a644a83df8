import { openLedger } from "../../compose.ts";
import { configuredTrust, fast } from "../../compose-judging.ts";
import { fetchAnchor } from "../../compose-chain.ts";
import { SettlementError } from "../../core/error.ts";
import type { LayerName, Verdict } from "../../core/verdict.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { verifyAnchor } from "../../settle/verify-anchor.ts";
import type { CommandSpec } from "../command.ts";
import { harmless, type Io, styled, wrapped } from "../io.ts";
import { noteTo, warnOfRecovery } from "../notes.ts";
import { bannerText, exits, layerText } from "./verify.ts";

/** What a layer rests on when a server was asked. */
const grounds = ["mathematics", "pins", "server"] as const;
type Ground = (typeof grounds)[number];

/** Layers that rest on more than what is recomputed here. */
const believed: Partial<Record<LayerName, Ground>> = { account: "pins", validators: "server" };

function groundOf(layer: LayerName): Ground {
  return believed[layer] ?? "mathematics";
}

/** A verdict for people: what was recomputed, and what is only said. */
function verdictText(io: Io, verdict: Verdict, server: string): string {
  const titles: Readonly<Record<Ground, string>> = {
    mathematics: "Mathematics: recomputed here, from the bytes the server sent and the ledger folder",
    pins: "Your pins: what you brought to compare with",
    server: `The word of ${server}, and nothing else`,
  };
  const parts = grounds.map((ground) => {
    const layers = verdict.layers.filter(({ layer }) => groundOf(layer) === ground);
    return `${styled(io, "bold", harmless(titles[ground]))}\n${layers.map((each) => layerText(io, each)).join("")}`;
  });
  const end =
    "Without that word: settlement verify on a proof, whose validators' signatures say the same and ask no server.";
  return `${bannerText(io, verdict)}\n${parts.join("\n")}\n${styled(io, "dim", wrapped(io, end, 0))}\n`;
}

function verdictJson(verdict: Verdict, server: string): object {
  const layers = verdict.layers.map((each) => ({ ...each, restsOn: groundOf(each.layer) }));
  return { ...verdict, server, layers };
}

export const verifyTx: CommandSpec = {
  name: "verify-tx",
  usage: "<HASH>",
  about:
    "Fetch an anchor transaction, recompute its ledger, and hash the events at hand again; say what rests on the server's word. Exit 0 anchored, 1 failed, 3 unproven.",
  settings: ["ledger", "data", "network", "networkId", "endpoint", "trust", "format"],
  examples: [
    "verify-tx 1F4A…(64 hex digits) --network testnet --ledger my-ledger",
    "verify-tx 1F4A…(64 hex digits) --network testnet --ledger my-ledger --server wss://xrpl.example.org",
  ],
  async run({ config, format, io }, [hash = ""]) {
    if (!/^[0-9a-fA-F]{64}$/.test(hash))
      throw new SettlementError("TRANSACTION_HASH_MALFORMED", "a transaction hash is 64 hex digits");
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const { server, ...fetched } = await fetchAnchor(config, hash.toUpperCase(), noteTo(io));
    const verdict = await verifyAnchor(fetched, {
      view: await readLedgerView(open),
      ledger: open.ledger,
      archive: open.archive,
      trust: configuredTrust(config),
      ...fast,
    });
    const shown =
      format === "json" ? `${JSON.stringify(verdictJson(verdict, server))}\n` : verdictText(io, verdict, server);
    io.out(shown);
    return exits[verdict.verdict];
  },
};
