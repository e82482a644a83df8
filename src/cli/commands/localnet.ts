import { once } from "node:events";
import { join } from "node:path";
import { localNetworkId } from "../../core/network.ts";
import { SettlementError } from "../../core/error.ts";
import { startLocalnet } from "../../localnet/start-localnet.ts";
import { type CommandSpec, type Flags, formatOf } from "../command.ts";
import { columns, styled } from "../io.ts";
import { noteTo } from "../notes.ts";

function count(flags: Flags, name: string, flag: string, fallback: number, max: number): number {
  const raw = flags[name];
  if (raw === undefined) return fallback;
  const value = typeof raw === "string" && /^\d{1,10}$/.test(raw) ? Number(raw) : Number.NaN;
  if (value >= 0 && value <= max) return value;
  throw new SettlementError("CONFIG_INVALID", `${flag} takes a whole number from 0 to ${max}`);
}

export const localnet: CommandSpec = {
  name: "localnet",
  about:
    "Run an XRP Ledger network of one server in this process, for trying things out. What it validates convinces nobody else.",
  settings: ["networkId", "host", "port"],
  flags: [
    ["--rpc-port <P>", "port for JSON-RPC over HTTP; 0 takes a free one (default 5005)"],
    ["--close-ms <N>", "milliseconds between two ledgers; 0 closes only by ledger_accept (default 1000)"],
    [
      "--data <DIR>",
      "keep the ledgers in DIR; without it they are gone with the process (SETTLEMENT_DATA is not read)",
    ],
    ["--format <FORMAT>", "text or json (default text)"],
  ],
  examples: ["localnet --port 6006 --rpc-port 5005", "localnet --port 0 --rpc-port 0 --close-ms 0 --format json"],
  async run({ config, flags, io }) {
    const folder = flags["data"];
    const network = await startLocalnet({
      host: config.host,
      wsPort: config.port,
      rpcPort: count(flags, "rpcPort", "--rpc-port", 5005, 65_535),
      closeMs: count(flags, "closeMs", "--close-ms", 1000, 86_400_000),
      networkId: config.networkId ?? localNetworkId,
      report: noteTo(io),
      ...(typeof folder === "string" ? { dataDir: join(folder) } : {}),
    });
    const facts = {
      ws: network.wsUrl,
      rpc: network.rpcUrl,
      networkId: network.engine.config.networkId,
      validatedIndex: network.engine.last().index,
    };
    if (formatOf(flags) === "json") io.out(`${JSON.stringify(facts)}\n`);
    else {
      io.out(
        `${styled(io, "green", "Local XRP Ledger network is running")}; it convinces nobody else. Stop it with Ctrl-C.\n`,
      );
      io.out(
        columns([
          ["WebSocket", facts.ws],
          ["JSON-RPC", facts.rpc],
          ["network id", String(facts.networkId)],
          ["genesis", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh, seed snoPBrXtMeMyMHUVTgbuqAfg1SUTb"],
        ]),
      );
    }
    if (!io.stop.aborted) await once(io.stop, "abort");
    await network.close();
    return 0;
  },
};
