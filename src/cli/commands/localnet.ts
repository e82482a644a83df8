import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { localListLifeS } from "../../compose-chain.ts";
import { localValidatorSeed } from "../../compose-keys.ts";
import type { Config } from "../../config.ts";
import { utf8 } from "../../core/bytes.ts";
import type { JsonObject } from "../../core/json.ts";
import { localNetworkId } from "../../core/network.ts";
import { knownPublishers, trustJson } from "../../core/trust.ts";
import { quorumOf } from "../../core/xrpl/quorum.ts";
import { type Localnet, startLocalnet } from "../../localnet/start-localnet.ts";
import type { ValidatorOptions } from "../../localnet/validators/validator-set.ts";
import type { CommandSpec } from "../command.ts";
import { columns, type Io, styled } from "../io.ts";
import { noteTo } from "../notes.ts";
import { writeOutput } from "../output.ts";

/** With a data folder the same ones after each start; otherwise they are gone with the ledgers. */
function validatorsOf(config: Config): ValidatorOptions | undefined {
  if (config.validators === 0) return undefined;
  const seed = config.given.has("data") ? localValidatorSeed(config) : randomBytes(16).toString("hex");
  return { count: config.validators, seed, listLifeS: localListLifeS };
}

/** Where the validators are published, and the trust file of those who believe them. */
interface Published {
  readonly publisher: string;
  readonly list: string;
  readonly trust: JsonObject;
  /** Where the trust file is. */
  readonly trustFile?: string;
}

/** What pins the publisher, beside those of the public networks: it serves on these too. */
function publish({ rpcUrl, validators }: Localnet, config: Config): Published | undefined {
  if (!validators) return undefined;
  const { publisher } = validators;
  const own = { name: "settlement localnet", publicKey: publisher, network: "local" };
  const trust = trustJson({ publishers: [...knownPublishers, own], accounts: [], logs: [] });
  const published = { publisher, list: `${rpcUrl}/vl/${publisher}`, trust };
  if (!config.given.has("data")) return published;
  const trustFile = join(config.data, "localnet.trust.json");
  writeOutput(trustFile, utf8(`${JSON.stringify(trust, null, 2)}\n`));
  return { ...published, trustFile };
}

function show(io: Io, { wsUrl, rpcUrl, engine }: Localnet, published: Published | undefined, count: number): void {
  io.out(
    `${styled(io, "green", "Local XRP Ledger network is running")}; it convinces nobody else. Stop it with Ctrl-C.\n`,
  );
  io.out(
    columns([
      ["WebSocket", wsUrl],
      ["JSON-RPC", rpcUrl],
      ["network id", String(engine.config.networkId)],
      ["genesis", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh, seed snoPBrXtMeMyMHUVTgbuqAfg1SUTb"],
      ["validators", count === 0 ? "none: nothing is proven here" : `${count}, of which ${quorumOf(count)} prove`],
      ...(published ? pinRows(wsUrl, published) : []),
    ]),
  );
}

function pinRows(wsUrl: string, { publisher, list, trustFile }: Published): [string, string][] {
  const pin = { publishers: [{ publicKey: publisher, network: "local" }] };
  return [
    ["list", list],
    ["publisher", publisher],
    ["trust file", trustFile ?? `write this: ${JSON.stringify(pin)}`],
    ["worker", `settlement worker --network local --endpoint ${wsUrl} --trust ${trustFile ?? "FILE"}`],
  ];
}

export const localnet: CommandSpec = {
  name: "localnet",
  about:
    "Run an XRP Ledger network of one server in this process, for trying things out. Its ledgers and its validators are gone with the process unless --data is given. What it validates convinces nobody else.",
  settings: ["networkId", "host", "port", "rpcPort", "closeMs", "validators", "data", "format"],
  examples: ["localnet --port 6006 --rpc-port 5005", "localnet --port 0 --rpc-port 0 --close-ms 0 --format json"],
  async run({ config, format, io }) {
    const networkId = config.networkId ?? localNetworkId;
    if (networkId <= 1024) {
      noteTo(io)(
        "transactions of a network id up to 1024 do not name it: what is signed here may be replayed on a public network",
      );
    }
    const validators = validatorsOf(config);
    await using network = await startLocalnet({
      host: config.host,
      wsPort: config.port,
      rpcPort: config.rpcPort,
      closeMs: config.closeMs,
      networkId,
      report: noteTo(io),
      ...(validators ? { validators } : {}),
      ...(config.given.has("data") ? { dataDir: config.data } : {}),
    });
    const published = publish(network, config);
    if (format === "json") {
      const { wsUrl: ws, rpcUrl: rpc, engine } = network;
      io.out(`${JSON.stringify({ ws, rpc, networkId, validatedIndex: engine.last().index, ...published })}\n`);
    } else show(io, network, published, config.validators);
    if (!io.stop.aborted) await once(io.stop, "abort");
    return 0;
  },
};
