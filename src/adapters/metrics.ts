import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "../ports.ts";

/** Counts by name of a state. */
type ByState = Readonly<Record<string, number>>;

/** The metrics of one process, with a function that feeds each. What was never fed is not there, rather than 0. */
export interface Metrics {
  /** Text format of Prometheus, version 0.0.4. */
  metricsText(): Promise<string>;
  /** Jobs of each lane by state. */
  queue(lanes: Readonly<Record<string, ByState>>): void;
  job(run: { readonly job: string; readonly outcome: string; readonly durationMs: number }): void;
  /** One anchor attempt came to an outcome: `anchored`, `expired`, `failed`. */
  anchorAttempt(outcome: string): void;
  /** Every month by its state; a state that is left out has none. */
  months(states: ByState): void;
  /** When the oldest month that waits for its anchor could be closed; undefined when none waits. */
  oldestUnanchored(sinceUnixMs: number | undefined): void;
  account(balance: { readonly balanceDrops: bigint; readonly anchorsLeft: bigint }): void;
  feePaid(drops: number): void;
  /** The newest validated ledger that was seen. */
  ledger(seen: { readonly validatedIndex: number; readonly closeTimeUnixMs: number }): void;
  request(answered: { readonly route: string; readonly status: number; readonly durationMs: number }): void;
  /** A request or a connection was turned away. */
  shed(reason: string): void;
}

const jobBucketsS = [0.05, 0.25, 1, 5, 15, 60, 300, 1800];
const requestBucketsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function secondsSince(unixMs: number, clock: Clock): number {
  return Math.max(0, (clock() - unixMs) / 1000);
}

/** A gauge without labels that has no value before it gets one. */
function gaugeOf(registry: Registry, name: string, help: string): Gauge {
  const gauge = new Gauge({ name: `settlement_${name}`, help, registers: [registry] });
  gauge.remove();
  return gauge;
}

/** A gauge that tells the time since an instant, at the time it is read. */
function ageOf(
  registry: Registry,
  about: readonly [name: string, help: string],
  since: () => number | undefined,
  clock: Clock,
): void {
  const [name, help] = about;
  const gauge: Gauge = new Gauge({
    name: `settlement_${name}`,
    help,
    registers: [registry],
    collect() {
      const unixMs = since();
      if (unixMs === undefined) gauge.remove();
      else gauge.set(secondsSince(unixMs, clock));
    },
  });
}

function labelledGauge<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly T[],
): Gauge<T> {
  return new Gauge({ name: `settlement_${name}`, help, labelNames, registers: [registry] });
}

function counterOf<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly T[],
): Counter<T> {
  return new Counter({ name: `settlement_${name}`, help, labelNames, registers: [registry] });
}

function jobMetrics(registry: Registry): Pick<Metrics, "queue" | "job"> {
  const queued = labelledGauge(registry, "queue_jobs", "Jobs in the queue, by lane and state", ["lane", "state"]);
  const duration = new Histogram({
    name: "settlement_job_duration_seconds",
    help: "Time that runs of jobs took, in seconds, by job and outcome (done, again, retry, failed)",
    labelNames: ["job", "outcome"],
    buckets: jobBucketsS,
    registers: [registry],
  });
  return {
    queue(lanes) {
      queued.reset();
      for (const [lane, states] of Object.entries(lanes)) {
        for (const [state, count] of Object.entries(states)) queued.set({ lane, state }, count);
      }
    },
    job: ({ job, outcome, durationMs }) => duration.observe({ job, outcome }, durationMs / 1000),
  };
}

function monthMetrics(registry: Registry, clock: Clock): Pick<Metrics, "months" | "oldestUnanchored"> {
  const months = labelledGauge(registry, "months", "Months of the ledger, by state", ["state"]);
  let waitsSince: { readonly unixMs: number | undefined } | undefined;
  const help = "Time since the oldest month that waits for its anchor could be closed, in seconds; 0 when none waits";
  ageOf(registry, ["oldest_unanchored_age_seconds", help], () => waitsSince && (waitsSince.unixMs ?? clock()), clock);
  return {
    months(states) {
      months.reset();
      for (const [state, count] of Object.entries(states)) months.set({ state }, count);
    },
    oldestUnanchored(unixMs) {
      waitsSince = { unixMs };
    },
  };
}

function chainMetrics(
  registry: Registry,
  clock: Clock,
): Pick<Metrics, "anchorAttempt" | "account" | "feePaid" | "ledger"> {
  const attempts = counterOf(registry, "anchor_attempts_total", "Anchor attempts that came to an end, by outcome", [
    "outcome",
  ]);
  const balance = gaugeOf(registry, "account_balance_drops", "Balance of the anchoring account, in drops");
  const left = gaugeOf(
    registry,
    "account_anchors_left",
    "Anchors that the balance above the reserve pays for at the present fee",
  );
  const fee = gaugeOf(registry, "last_fee_drops", "Fee of the last anchor that was validated, in drops");
  const index = gaugeOf(registry, "validated_ledger_index", "Index of the newest validated XRPL ledger that was seen");
  let closedUnixMs: number | undefined;
  const help = "Time since the newest validated XRPL ledger that was seen closed, in seconds";
  ageOf(registry, ["ledger_lag_seconds", help], () => closedUnixMs, clock);
  return {
    anchorAttempt: (outcome) => attempts.inc({ outcome }),
    account({ balanceDrops, anchorsLeft }) {
      balance.set(Number(balanceDrops));
      left.set(Number(anchorsLeft));
    },
    feePaid: (drops) => fee.set(drops),
    ledger({ validatedIndex, closeTimeUnixMs }) {
      index.set(validatedIndex);
      closedUnixMs = closeTimeUnixMs;
    },
  };
}

function requestMetrics(registry: Registry): Pick<Metrics, "request" | "shed"> {
  const duration = new Histogram({
    name: "settlement_http_request_duration_seconds",
    help: "Time until HTTP requests were answered, in seconds, by route and status",
    labelNames: ["route", "status"],
    buckets: requestBucketsS,
    registers: [registry],
  });
  const help = "HTTP requests and connections that were turned away, by reason";
  const shed = counterOf(registry, "http_shed_total", help, ["reason"]);
  return {
    request: ({ route, status, durationMs }) => duration.observe({ route, status }, durationMs / 1000),
    shed: (reason) => shed.inc({ reason }),
  };
}

/** Metrics in a registry of their own, those of the process (CPU, memory, event loop) among them. */
export function openMetrics(clock: Clock = Date.now): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    metricsText: () => registry.metrics(),
    ...jobMetrics(registry),
    ...monthMetrics(registry, clock),
    ...chainMetrics(registry, clock),
    ...requestMetrics(registry),
  };
}
