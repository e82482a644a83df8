import { once } from "node:events";
import { logJob } from "../../../jobs/job-log.ts";
import type { JobEvent } from "../../../jobs/lane.ts";
import { patientLog } from "../../../jobs/patient-log.ts";
import { type RunningWorker, startWorker } from "../../../jobs/worker.ts";
import { acceptingInto } from "../../compose-accept.ts";
import { openNode, type OpenNode } from "../../compose-node.ts";
import { nodeLog, type Observed, observe } from "../../compose-observe.ts";
import type { Config } from "../../config.ts";
import type { HttpDeps } from "../../http/context.ts";
import type { HttpServer } from "../../http/serve-http.ts";
import type { Log } from "../../ports.ts";
import { version } from "../../version.ts";
import type { Context } from "../command.ts";
import { apiDeps, serveOperations, startApi } from "../commands/serve.ts";
import { requireSettlement } from "../../settle/partition-claim.ts";
import { type Faults, faultsNow } from "./faults.ts";
import { heartbeat } from "./heartbeat.ts";
import { adminOf, settlingOf, type WorkerSeen } from "./operators.ts";

function jobListener(log: Log, { metrics }: Observed, faults: Faults): (event: JobEvent) => void {
  return (event) => {
    const { job, outcome, durationMs } = event;
    metrics.job({ job, outcome, durationMs });
    faults.note(event);
    logJob(log, event);
  };
}

interface Running {
  readonly node: OpenNode;
  readonly worker: RunningWorker;
  readonly observed: Observed;
  readonly faults: Faults;
  readonly log: Log;
}

function startJobs(
  { config }: Context,
  { node, observed, faults, log }: Omit<Running, "worker">,
): Promise<RunningWorker> {
  const { publish, prove, lookMs, proveMs, deliver, signCheckpoints } = node;
  const lookAtChain = (): Promise<readonly string[]> => faults.looking(() => node.lookAtChain());
  return startWorker({
    backend: node.backend,
    deps: { ...node.settle, publish, prove, lookMs, proveMs, deliver, lookAtChain, signCheckpoints, log },
    closeCron: config.closeCron,
    ...(config.checkpointCron === undefined ? {} : { checkpointCron: config.checkpointCron }),
    reconcileMs: config.reconcileMinutes * 60_000,
    onJob: jobListener(log, observed, faults),
    ...(observed.traces ? { telemetry: observed.traces.telemetry } : {}),
  });
}

/** What operators see of a worker. */
function workerSeen({ closeCron, checkpointCron, reconcileMinutes }: Config, node: OpenNode): WorkerSeen {
  const schedule = { closeCron, reconcileMinutes, ...(checkpointCron === undefined ? {} : { checkpointCron }) };
  return { schedule, chain: () => node.lastChainStatus(), validate: () => node.settle.close.judge() };
}

/** What the API shares with the worker of its process. */
function sharedWith(
  { config }: Context,
  { node, worker, observed, log, isApi }: Omit<Running, "faults"> & { readonly isApi: boolean },
): Partial<HttpDeps> & Pick<HttpDeps, "log"> {
  return {
    log,
    attempts: node.state.attempts,
    metrics: () => observed.metrics.metricsText(),
    onRequest: (request) => observed.metrics.request(request),
    checks: [
      // Proofs are served without a queue; a worker does nothing without it.
      { name: "queue", isRequired: !isApi, look: () => node.backend.healthy().then(() => undefined) },
      { name: "xrpl", isRequired: false, look: async () => `ledger ${await node.validatedIndex()}` },
    ],
    ...(config.accept && isApi
      ? { accepting: acceptingInto(config, node.open, { key: node.key, state: node.state }) }
      : {}),
    settling: settlingOf(config, node.open, node.state),
    ...adminOf(config, { open: node.open, state: node.state, queue: worker, worker: workerSeen(config, node) }),
  };
}

/**
 * With another key or for another network than the ledger's, a node could only fail, and not before a month is over.
 *
 * @throws SettlementError `SETTLEMENT_KEY_MISMATCH`, `CHAIN_WRONG_NETWORK`
 */
async function requireOwnLedger({ open, settle }: OpenNode, accepts: boolean): Promise<void> {
  const { settlement } = await open.ledger.frame();
  // What is accepted is promised in the name of the ledger.
  if (!settlement && accepts) await settle.close.nameLedger?.();
  if (settlement) requireSettlement({ settlement }, settle.network, settle.close.key);
}

/** Runs a worker, and with it the API where it is wanted, until the process is asked to stop. Resolves to the exit code. */
export async function runNode(context: Context, withApi: boolean): Promise<number> {
  const { config, io } = context;
  const log = patientLog(nodeLog(config, { env: io.env, isTerminal: io.isTerminal, write: io.out }), Date.now);
  const observed = await observe(io.env);
  const stops: (() => Promise<unknown>)[] = [async () => observed.traces?.close()];
  try {
    const node = await openNode(config, log);
    stops.push(() => node.close());
    await requireOwnLedger(node, config.accept && withApi);
    const faults = faultsNow();
    const worker = await startJobs(context, { node, observed, faults, log });
    let server: HttpServer | undefined;
    stops.push(() => Promise.all([worker.close(), server?.close()]));
    stops.push(heartbeat({ node, worker, observed, faults, config, log }));
    const facts = { version, network: config.network, ledger: config.ledger, queue: node.backend.kind };
    log({ level: "info", message: "worker runs", ...facts });
    const deps = apiDeps(config, node.open, sharedWith(context, { node, worker, observed, log, isApi: withApi }));
    if (withApi) {
      server = await startApi(config, deps, (reason) => observed.metrics.shed(reason));
      log({ level: "info", message: "API serves", url: `${server.url}/v1` });
    } else {
      server = await serveOperations(config, deps);
      if (server) log({ level: "info", message: "metrics served", url: `${server.url}/metrics` });
    }
    if (!io.stop.aborted) await once(io.stop, "abort");
    log({ level: "info", message: "stopping; what is under way is stored and goes on at the next start" });
    return 0;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}
