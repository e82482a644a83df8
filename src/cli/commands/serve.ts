import { once } from "node:events";
import { servedTrust, fast, openLedger, attemptsOnDemand } from "../../compose.ts";
import { createApp } from "../../http/app.ts";
import type { HttpLogEntry } from "../../http/context.ts";
import { serveHttp } from "../../http/serve-http.ts";
import { version } from "../../version.ts";
import { type CommandSpec, type Context } from "../command.ts";
import { type Io, styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";
import type { Trust } from "../../core/trust.ts";

/** One log entry a line, as JSON, on the error stream. */
function logLine(io: Io): (entry: HttpLogEntry) => void {
  return (entry) => {
    if (entry.level === "info" && io.isTerminal) return;
    const { error, ...rest } = { error: undefined, ...entry };
    const cause = error instanceof Error ? { error: error.stack ?? error.message } : {};
    io.err(`${JSON.stringify({ time: new Date().toISOString(), ...rest, ...cause })}\n`);
  };
}

/** Starts the API on a ledger folder. */
export async function startApi(
  { config, io }: Context,
  trust: Trust,
): Promise<{ url: string; close(): Promise<void> }> {
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
    log: logLine(io),
    ...fast,
  });
  return serveHttp(app, { host: config.host, port: config.port });
}

export const serve: CommandSpec = {
  name: "serve",
  about: "Serve the ledger, its proofs and receipts over HTTP.",
  settings: ["ledger", "data", "network", "trust", "host", "port", "format"],
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
