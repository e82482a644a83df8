import { configuredTrust, fast, openLedger } from "../../compose.ts";
import { fetchAnchor } from "../../compose-chain.ts";
import { SettlementError } from "../../core/error.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { verifyAnchor } from "../../settle/verify-anchor.ts";
import type { CommandSpec } from "../command.ts";
import { noteTo, warnOfRecovery } from "../notes.ts";
import { exits, verdictText } from "./verify.ts";

export const verifyTx: CommandSpec = {
  name: "verify-tx",
  usage: "<HASH>",
  about:
    "Fetch an anchor transaction, recompute its ledger, and hash the events at hand again. Exit 0 anchored, 1 failed, 3 unproven.",
  settings: ["ledger", "data", "network", "networkId", "endpoint", "trust", "format"],
  examples: ["verify-tx 1F4A…(64 hex digits) --network testnet --ledger my-ledger"],
  async run({ config, format, io }, [hash = ""]) {
    if (!/^[0-9a-fA-F]{64}$/.test(hash))
      throw new SettlementError("TRANSACTION_HASH_MALFORMED", "a transaction hash is 64 hex digits");
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const fetched = await fetchAnchor(config, hash.toUpperCase(), noteTo(io));
    const verdict = verifyAnchor(fetched, await readLedgerView(open), configuredTrust(config), fast.sha256);
    io.out(format === "json" ? `${JSON.stringify(verdict)}\n` : verdictText(io, verdict));
    return exits[verdict.verdict];
  },
};
