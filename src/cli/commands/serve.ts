import { once } from "node:events";
import { openMetrics } from "../../adapters/metrics.ts";
import { servedTrust, type OpenLedger, openLedger } from "../../compose.ts";
import { fast, policyBytes } from "../../compose-judging.ts";
import { attemptsOnDemand } from "../../compose-state.ts";
import { createApp, createOperationsApp } from "../../http/app.ts";
import type { HttpDeps } from "../../http/context.ts";
import type { Limits, ShedReason } from "../../http/limits.ts";
import { type HttpServer, serveHttp } from "../../http/serve-http.ts";
import { version } from "../../version.ts";
import type { Config } from "../../config.ts";
import { limitNames } from "../../settings-limits.ts";
import type { CommandSpec } from "../command.ts";
import { styled } from "../io.ts";
import { nodeLog } from "../../compose-observe.ts";
import { openSharedApi } from "../node/operators.ts";
import { warnOfRecovery } from "../notes.ts";

/** What an API works with, some of it shared with others. */
export function apiDeps(
  config: Config,
  { ledger, archive, tree, prefix }: OpenLedger,
  shared: Partial<HttpDeps> & Pick<HttpDeps, "log">,
): HttpDeps {
  return {
    ledger,
    archive,
    attempts: attemptsOnDemand(config),
    trust: servedTrust(config),
    place: { tree, prefix },
    policy: policyBytes(config),
    network: config.network,
    version,
    ...fast,
    ...shared,
  };
}

function limitsOf(config: Config, onShed: (reason: ShedReason) => void): Limits {
  const { trustProxy = [], maxRequests, maxWaiting, rateLimit, rateBurst, maxLoopDelay } = config;
  return {
    trustProxy,
    ...(rateLimit === 0 ? {} : { rate: { perSecond: rateLimit, burst: Math.max(1, rateBurst) } }),
    requests: maxRequests === 0 ? Infinity : maxRequests,
    waiting: maxWaiting,
    ...(maxLoopDelay === 0 ? {} : { loopDelayMs: maxLoopDelay }),
    onShed,
  };
}

/**
 * Starts the API.
 *
 * @param onShed - hears of every request and connection that is turned away
 * @throws SettlementError as reading the ledger does: a server that finds none refuses to start
 */
export async function startApi(
  config: Config,
  deps: HttpDeps,
  onShed: (reason: ShedReason) => void = () => undefined,
): Promise<HttpServer> {
  await deps.ledger.frame();
  const { host, port, maxConnections } = config;
  const onDropped = (): void => onShed("connections");
  const most = maxConnections === 0 ? Infinity : maxConnections;
  return serveHttp(createApp(deps, limitsOf(config, onShed)), { host, port }, { maxConnections: most, onDropped });
}

/** Metrics and health beside whatever else a process does, where a port is set for them. @throws SettlementError `HTTP_LISTEN_FAILED` */
export async function serveOperations({ host, metricsPort }: Config, deps: HttpDeps): Promise<HttpServer | undefined> {
  return metricsPort === undefined ? undefined : serveHttp(createOperationsApp(deps), { host, port: metricsPort });
}

export const serve: CommandSpec = {
  name: "serve",
  about: "Serve the ledger, its proofs and receipts over HTTP.",
  settings: [
    "ledger",
    "data",
    "network",
    "trust",
    "policy",
    "grace",
    "stateUrlFile",
    "queue",
    "redisFile",
    "adminTokensFile",
    "keyFile",
    "host",
    "port",
    ...limitNames,
    "metricsPort",
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
    const metrics = openMetrics();
    const deps = apiDeps(config, open, { log, ...shared.deps, onRequest: (request) => metrics.request(request) });
    const server = await startApi(config, deps, (reason) => metrics.shed(reason));
    const operations = await serveOperations(config, { ...deps, metrics: () => metrics.metricsText() });
    if (format === "json") io.out(`${JSON.stringify({ url: server.url })}\n`);
    else
      io.out(
        `${styled(io, "green", "Serving")} ${config.ledger} at ${styled(io, "bold", `${server.url}/v1`)}  (Ctrl-C stops it)\n`,
      );
    if (!io.stop.aborted) await once(io.stop, "abort");
    await Promise.all([server.close(), operations?.close()]);
    await shared.close();
    return 0;
  },
};
