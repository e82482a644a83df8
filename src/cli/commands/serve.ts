import { once } from "node:events";
import { servedTrust, fast, type OpenLedger, openLedger } from "../../compose.ts";
import { attemptsOnDemand } from "../../compose-state.ts";
import { createApp } from "../../http/app.ts";
import type { HttpDeps } from "../../http/context.ts";
import { type HttpServer, serveHttp } from "../../http/serve-http.ts";
import { version } from "../../version.ts";
import type { Config } from "../../config.ts";
import type { CommandSpec } from "../command.ts";
import { styled } from "../io.ts";
import { nodeLog } from "../../compose-observe.ts";
import { openSharedApi } from "../node/operators.ts";
import { warnOfRecovery } from "../notes.ts";

/** What an API works with, some of it shared with others. */
export function apiDeps(
  config: Config,
  { ledger, archive }: OpenLedger,
  shared: Partial<HttpDeps> & Pick<HttpDeps, "log">,
): HttpDeps {
  return {
    ledger,
    archive,
    attempts: attemptsOnDemand(config),
    trust: servedTrust(config),
    network: config.network,
    version,
    ...fast,
    ...shared,
  };
}

/** Starts the API. @throws SettlementError as reading the ledger does: a server that finds none refuses to start */
export async function startApi({ host, port }: Config, deps: HttpDeps): Promise<HttpServer> {
  await deps.ledger.snapshot();
  return serveHttp(createApp(deps), { host, port });
}

export const serve: CommandSpec = {
  name: "serve",
  about: "Serve the ledger, its proofs and receipts over HTTP.",
  settings: [
    "ledger",
    "data",
    "network",
    "trust",
    "grace",
    "stateUrlFile",
    "queue",
    "redisFile",
    "adminTokensFile",
    "host",
    "port",
    "logLevel",
    "format",
  ],
  examples: [
    "serve --ledger my-ledger --port 8080",
    "serve --ledger my-ledger --state-url-file postgres.url --queue redis --redis-file redis.url --admin-tokens-file tokens",
  ],
  async run(context) {
    const { config, format, io } = context;
    const log = nodeLog(config, { env: io.env, isTerminal: io.isTerminal, write: io.err });
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const shared = await openSharedApi(config, log, open);
    const server = await startApi(config, apiDeps(config, open, { log, ...shared.deps }));
    if (format === "json") io.out(`${JSON.stringify({ url: server.url })}\n`);
    else
      io.out(
        `${styled(io, "green", "Serving")} ${config.ledger} at ${styled(io, "bold", `${server.url}/v1`)}  (Ctrl-C stops it)\n`,
      );
    if (!io.stop.aborted) await once(io.stop, "abort");
    await server.close();
    await shared.close();
    return 0;
  },
};
