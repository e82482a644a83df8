import { once } from "node:events";
import { servedTrust, fast, openLedger } from "../../compose.ts";
import { attemptsOnDemand } from "../../compose-state.ts";
import { createApp } from "../../http/app.ts";
import type { HttpDeps } from "../../http/context.ts";
import { serveHttp } from "../../http/serve-http.ts";
import { version } from "../../version.ts";
import { type CommandSpec, type Context } from "../command.ts";
import { styled } from "../io.ts";
import { nodeLog } from "../../compose-observe.ts";
import { warnOfRecovery } from "../notes.ts";
import type { Trust } from "../../core/trust.ts";

/** Starts the API on a ledger folder. */
export async function startApi(
  context: Context,
  trust: Trust,
  shared: Partial<HttpDeps> = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const { config, io } = context;
  const { ledger, archive } = await openLedger(config.ledger, warnOfRecovery(io));
  // A server that finds no ledger refuses to start.
  await ledger.snapshot();
  const app = createApp({
    ledger,
    archive,
    attempts: attemptsOnDemand(config),
    trust,
    network: config.network,
    version,
    log: nodeLog(config, { env: io.env, isTerminal: io.isTerminal, write: io.err }),
    ...fast,
    ...shared,
  });
  return serveHttp(app, { host: config.host, port: config.port });
}

export const serve: CommandSpec = {
  name: "serve",
  about: "Serve the ledger, its proofs and receipts over HTTP.",
  settings: ["ledger", "data", "network", "trust", "stateUrlFile", "host", "port", "logLevel", "format"],
  examples: ["serve --ledger my-ledger --port 8080"],
  async run(context) {
    const { config, format, io } = context;
    const server = await startApi(context, servedTrust(config));
    if (format === "json") io.out(`${JSON.stringify({ url: server.url })}\n`);
    else
      io.out(
        `${styled(io, "green", "Serving")} ${config.ledger} at ${styled(io, "bold", `${server.url}/v1`)}  (Ctrl-C stops it)\n`,
      );
    if (!io.stop.aborted) await once(io.stop, "abort");
    await server.close();
    return 0;
  },
};
