import { once } from "node:events";
import { localNetworkId } from "../../core/network.ts";
import { startLocalnet } from "../../localnet/start-localnet.ts";
import type { CommandSpec } from "../command.ts";
import { columns, styled } from "../io.ts";
import { noteTo } from "../notes.ts";

export const localnet: CommandSpec = {
  name: "localnet",
  about:
    "Run an XRP Ledger network of one server in this process, for trying things out. Its ledgers are gone with the process unless --data is given. What it validates convinces nobody else.",
  settings: ["networkId", "host", "port", "rpcPort", "closeMs", "data", "format"],
  examples: ["localnet --port 6006 --rpc-port 5005", "localnet --port 0 --rpc-port 0 --close-ms 0 --format json"],
  async run({ config, format, io }) {
    if ((config.networkId ?? localNetworkId) <= 1024) {
      noteTo(io)(
        "transactions of a network id up to 1024 do not name it: what is signed here may be replayed on a public network",
      );
    }
    const network = await startLocalnet({
      host: config.host,
      wsPort: config.port,
      rpcPort: config.rpcPort,
      closeMs: config.closeMs,
      networkId: config.networkId ?? localNetworkId,
      report: noteTo(io),
      ...(config.given.has("data") ? { dataDir: config.data } : {}),
    });
    const facts = {
      ws: network.wsUrl,
      rpc: network.rpcUrl,
      networkId: network.engine.config.networkId,
      validatedIndex: network.engine.last().index,
    };
    if (format === "json") io.out(`${JSON.stringify(facts)}\n`);
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
