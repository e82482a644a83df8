import type { RunningWorker } from "../../../jobs/worker.ts";
import { type OpenNode, originOf } from "../../compose-node.ts";
import { type Observed, workerFile, type WorkerStatus } from "../../compose-observe.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import type { JsonObject } from "../../core/json.ts";
import { monthEndUnixMs } from "../../core/month.ts";
import type { ChainStatus, Log, PartitionRecord } from "../../ports.ts";
import { balanceOf, balanceText } from "../../settle/balance.ts";
import type { Faults } from "./faults.ts";

/** Time between two signs of life for who looks from outside, milliseconds. */
const heartbeatMs = 1000;

interface Beating {
  readonly node: OpenNode;
  readonly worker: RunningWorker;
  readonly observed: Observed;
  readonly faults: Faults;
  readonly config: Config;
  readonly log: Log;
}

function sumOf(lanes: Awaited<ReturnType<RunningWorker["counts"]>>): Record<string, number> {
  const jobs: Record<string, number> = {};
  for (const counts of Object.values(lanes)) {
    for (const [name, count] of Object.entries(counts)) jobs[name] = (jobs[name] ?? 0) + Number(count);
  }
  return jobs;
}

/** Why jobs have failed for good, each with its month in front. */
async function failures(worker: RunningWorker): Promise<readonly string[]> {
  return (await worker.failed()).map(({ data, reason }) => {
    const [first = ""] = reason.split("\n");
    return "month" in data ? `${String(data.month)}: ${first}` : first;
  });
}

/** Looks at everything once, for the metrics and for who asks from outside. */
async function look({ node, worker, observed, faults, config }: Beating, startedUnixMs: number): Promise<WorkerStatus> {
  const origin = await originOf(node.open);
  const [lanes, paused, records, attempts] = await Promise.all([
    worker.counts(),
    worker.isPaused(),
    origin === undefined ? [] : node.state.partitions.list(origin),
    node.state.attempts.list(),
  ]);
  const seen = node.lastChainStatus();
  feed(observed, { lanes, records, seen, config });
  const balance = seen && balanceOf(seen, config.lowBalance);
  const jobs = sumOf(lanes);
  return {
    pid: process.pid,
    startedUnixMs,
    heardUnixMs: Date.now(),
    queue: node.backend.kind,
    paused,
    jobs,
    chain: balance ? { text: balanceText(balance) } : {},
    attention: [
      ...((jobs["failed"] ?? 0) > 0 ? await failures(worker) : []),
      ...faults.texts(),
      ...(balance?.isLow === true ? [balanceText(balance)] : []),
    ],
    attempts: attempts as unknown as readonly JsonObject[],
    records: records as unknown as readonly JsonObject[],
  };
}

/** A node that nothing is known of yet. */
function unseen({ node }: Beating, startedUnixMs: number): WorkerStatus {
  const { pid } = process;
  const seen = { pid, startedUnixMs, heardUnixMs: startedUnixMs, queue: node.backend.kind, paused: false };
  return { ...seen, jobs: {}, chain: {}, attention: [], attempts: [], records: [] };
}

interface Seen {
  readonly lanes: Awaited<ReturnType<RunningWorker["counts"]>>;
  readonly records: readonly PartitionRecord[];
  readonly seen: ChainStatus | undefined;
  readonly config: Config;
}

function feed({ metrics }: Observed, { lanes, records, seen, config }: Seen): void {
  metrics.queue(Object.fromEntries(Object.entries(lanes).map(([lane, counts]) => [lane, { ...counts }])));
  const states: Record<string, number> = {};
  for (const { state } of records) states[state] = (states[state] ?? 0) + 1;
  metrics.months(states);
  const waiting = records.filter(({ state }) => state === "closed" || state === "anchoring");
  // By the month itself: its record changes with every trouble it has.
  const since = waiting.map(({ month }) => monthEndUnixMs(month) + config.grace * 60_000);
  metrics.oldestUnanchored(since.length === 0 ? undefined : Math.min(...since));
  if (!seen) return;
  const { balanceDrops, anchorsLeft } = balanceOf(seen, config.lowBalance);
  metrics.account({ balanceDrops, anchorsLeft });
  const closeTimeUnixMs = Date.now() - seen.ledgerAgeS * 1000;
  metrics.ledger({ validatedIndex: seen.validatedIndex, closeTimeUnixMs });
}

/** Gives signs of life until the function that comes back is called. */
export function heartbeat(beating: Beating): () => Promise<void> {
  const startedUnixMs = Date.now();
  const file = workerFile(beating.config);
  let beat: Promise<void> | undefined;
  let last = unseen(beating, startedUnixMs);
  const beatOnce = async (): Promise<void> => {
    try {
      last = await look(beating, startedUnixMs);
      file.write(last);
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      // State or queue is away: what was seen last stands, and that it is.
      const { code, message } = error;
      file.write({ ...last, heardUnixMs: Date.now(), attention: [`${code}: ${message}`] });
      beating.log({ level: "debug", message: "state or queue cannot be looked at", code, reason: message });
    } finally {
      beat = undefined;
    }
  };
  const timer = setInterval(() => {
    beat ??= beatOnce();
  }, heartbeatMs);
  beat = beatOnce();
  return async () => {
    clearInterval(timer);
    await beat;
    file.remove();
  };
}
