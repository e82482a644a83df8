import { once } from "node:events";
import type { JobEvent } from "../../../jobs/lane.ts";
import { type RunningWorker, startWorker } from "../../../jobs/worker.ts";
import { servedTrust } from "../../compose.ts";
import { readSecret } from "../../compose-keys.ts";
import { openNode, type OpenNode } from "../../compose-node.ts";
import { nodeLog, type Observed, observe } from "../../compose-observe.ts";
import { SettlementError } from "../../core/error.ts";
import { parseAdminTokens } from "../../http/admin-tokens.ts";
import type { HttpDeps } from "../../http/context.ts";
import type { Log } from "../../ports.ts";
import { version } from "../../version.ts";
import type { Context } from "../command.ts";
import { startApi } from "../commands/serve.ts";
import { adminActs } from "./admin-acts.ts";
import { heartbeat } from "./heartbeat.ts";

function jobListener(log: Log, { metrics }: Observed): (event: JobEvent) => void {
  return ({ job, id, outcome, durationMs, error }) => {
    metrics.job({ job, outcome, durationMs });
    const facts = { job, id, outcome, durationMs };
    if (error === undefined) return log({ level: "debug", message: "job", ...facts });
    const isOver = outcome === "failed";
    const reason = error instanceof SettlementError ? { code: error.code, reason: error.message } : { error };
    log({
      level: isOver ? "error" : "warn",
      message: isOver ? "job failed" : "job is tried again",
      ...facts,
      ...reason,
    });
  };
}

interface Running {
  readonly node: OpenNode;
  readonly worker: RunningWorker;
  readonly observed: Observed;
  readonly log: Log;
}

function startJobs({ config }: Context, { node, observed, log }: Omit<Running, "worker">): Promise<RunningWorker> {
  const { publish, prove, lookMs, proveMs, deliver, lookAtChain, signCheckpoints } = node;
  return startWorker({
    backend: node.backend,
    deps: { ...node.settle, publish, prove, lookMs, proveMs, deliver, lookAtChain, signCheckpoints, log },
    closeCron: config.closeCron,
    ...(config.checkpointCron === undefined ? {} : { checkpointCron: config.checkpointCron }),
    reconcileMs: config.reconcileMinutes * 60_000,
    onJob: jobListener(log, observed),
    ...(observed.traces ? { telemetry: observed.traces.telemetry } : {}),
  });
}

/** What the API shares with the worker of its process. */
function sharedWith({ config }: Context, { node, worker, observed, log }: Running): Partial<HttpDeps> {
  const { adminTokensFile } = config;
  const tokens =
    adminTokensFile === undefined
      ? []
      : parseAdminTokens(readSecret(adminTokensFile, "list of admin tokens", "--admin-tokens-file"));
  const admin = { tokens, auditLog: node.state.auditLog, acts: adminActs(node, worker) };
  return {
    log,
    attempts: node.state.attempts,
    metrics: () => observed.metrics.metricsText(),
    onRequest: (request) => observed.metrics.request(request),
    checks: [
      { name: "state", isRequired: true, look: () => node.state.answers().then(() => undefined) },
      { name: "queue", isRequired: false, look: () => node.backend.healthy().then(() => undefined) },
      { name: "xrpl", isRequired: false, look: async () => `ledger ${await node.validatedIndex()}` },
    ],
    ...(tokens.length > 0 ? { admin } : {}),
  };
}

/** Runs a worker, and with it the API where it is wanted, until the process is asked to stop. Resolves to the exit code. */
export async function runNode(context: Context, withApi: boolean): Promise<number> {
  const { config, io } = context;
  const log = nodeLog(config, { env: io.env, isTerminal: io.isTerminal, write: io.out });
  const observed = await observe(io.env);
  const stops: (() => Promise<unknown>)[] = [async () => observed.traces?.close()];
  try {
    const node = await openNode(config, log);
    stops.push(() => node.close());
    const worker = await startJobs(context, { node, observed, log });
    stops.push(() => worker.close());
    stops.push(heartbeat({ node, worker, observed, config, log }));
    const facts = { version, network: config.network, ledger: config.ledger, queue: node.backend.kind };
    log({ level: "info", message: "worker runs", ...facts });
    if (withApi) {
      const server = await startApi(context, servedTrust(config), sharedWith(context, { node, worker, observed, log }));
      stops.push(() => server.close());
      log({ level: "info", message: "API serves", url: `${server.url}/v1` });
    }
    if (!io.stop.aborted) await once(io.stop, "abort");
    log({ level: "info", message: "stopping; what is under way is stored and goes on at the next start" });
    return 0;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}
