import { sqlPartitions } from "../../src/adapters/sql-partitions.ts";
import { type Actor, boundaryIn, type FaultRates, noFaults, type Outside } from "./boundary.ts";
import { chanceOf } from "./chance.ts";
import type { Databases } from "./database.ts";
import { begin, type FaultWorld, refund } from "./faults.ts";
import { type Host, killWorker, startWorker } from "./host.ts";
import { decideFailed, judge } from "./judge.ts";
import { origin, smallLedger } from "./months.ts";
import { newNetwork } from "./network.ts";
import { type Plan, planOf, type TimedFault } from "./plan.ts";
import { simulatedQueue } from "./queue.ts";
import { simulatedServer } from "./server.ts";
import { simulatedArchive } from "./stores.ts";
import { timelineFrom } from "./timeline.ts";
import { traceOf } from "./trace.ts";
import { type Watch, watchOver } from "./watch.ts";
import { witnessesOf } from "./witnesses.ts";

/** What became of a schedule. */
export interface Ran {
  readonly seed: number;
  /** Nothing, when all is well. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly traceHash: string;
  readonly faults: ReadonlyMap<string, number>;
  /** Operations before or after which a worker was killed. */
  readonly kills: ReadonlySet<string>;
  readonly anchors: number;
  /** Proofs of months that were written. */
  readonly proofs: number;
  /** Most transactions that one host signed for one month. */
  readonly mostAttempts: number;
  /** Virtual seconds from the end of the faults until every month had its receipt, and its proof where there are validators. */
  readonly recoveryS: number;
}

/** Virtual time a schedule gets after its faults, before it counts as stuck. */
const patienceMs = 900_000;
/** Who was deceived may have to ask a human, and need not come to an end. */
const darkPatienceMs = 120_000;
const reconcileMs = 20_000;
const humanMs = 15_000;
/** Between two looks at what is proven. */
const lookMs = 4000;

interface Run extends FaultWorld {
  readonly watch: Watch;
  isHealed: boolean;
}

/** @param only - see {@link planOf}, as for `validators` */
export async function runSchedule(
  seed: number,
  databases: Databases,
  only: readonly TimedFault[] = [],
  validators?: number,
): Promise<Ran> {
  await databases.clean();
  const run = newRun(planOf(seed, only, validators), databases);
  const { plan, watch, trace } = run;
  const healedMs = plan.startMs + plan.healMs;
  let mostAttempts = 0;
  let recoveryS = 0;
  try {
    recoveryS = (await live(run, healedMs)) / 1000;
    mostAttempts = await judge(run);
  } catch (error) {
    watch.violation(`it broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return {
    seed,
    violations: watch.violations,
    trace: trace.lines(),
    traceHash: trace.hash(),
    faults: trace.faults(),
    kills: trace.kills(),
    anchors: watch.anchors(),
    proofs: watch.proofs(),
    mostAttempts,
    recoveryS,
  };
}

/** Resolves to the time from the end of the faults until all was done, milliseconds. */
async function live(run: Run, healedMs: number): Promise<number> {
  const { plan, timeline, watch, hosts } = run;
  closeLedgers(run);
  for (const fault of plan.faults) timeline.after(fault.atMs, () => begin(run, fault));
  timeline.after(plan.healMs, () => heal(run));
  const isDone = (): boolean =>
    watch.violations.length > 0 || (run.isHealed && hosts.every((host) => isSettled(host, run)));
  await timeline.run(isDone, healedMs + (plan.deceit === "dark" ? darkPatienceMs : patienceMs));
  const recoveryMs = Math.max(0, timeline.nowMs() - healedMs);
  if (!isDone() && plan.deceit !== "dark")
    watch.violation(`something is stuck ${patienceMs / 1000} s after the last fault`);
  else if (watch.violations.length === 0) await runOut(run);
  return recoveryMs;
}

function newRun(plan: Plan, databases: Databases): Run {
  const timeline = timelineFrom(plan.startMs);
  const chance = chanceOf(plan.seed, "run");
  const trace = traceOf(timeline.nowMs);
  const truth = newNetwork(timeline.nowMs, plan.ledgerRoom);
  const watch = watchOver(truth.engine, plan, trace);
  const { ledger, months } = smallLedger(plan.months);
  const world = { chance, timeline, trace };
  const hostOf = (actor: Actor): Host | undefined => hosts.find(({ actors }) => actors.includes(actor));
  const boundary = boundaryIn({
    ...world,
    rates: (on, actor) => ratesNow(run, on, hostOf(actor)),
    kill(actor, why) {
      const host = hostOf(actor);
      if (host) killWorker(host, actor, run, why);
    },
  });
  const servers = Array.from({ length: plan.servers }, (_, at) => simulatedServer(`xrpl${at + 1}`, truth, world));
  const witnesses = witnessesOf({ plan, timeline, trace, truth, servers });
  const first = simulatedArchive(watch.onWritten);
  const hosts = databases.hosts.slice(0, plan.hosts).map((database, at): Host => ({
    name: `host${at + 1}`,
    database,
    archive: plan.sharesArchive || at === 0 ? first : simulatedArchive(watch.onWritten),
    queue: simulatedQueue(world),
    actors: [],
    skewMs: 0,
    isDatabaseDown: false,
    isDiskDown: false,
    wasWiped: false,
    proven: 0,
  }));
  const run: Run = {
    ...world,
    plan,
    truth,
    watch,
    boundary,
    ledger,
    months,
    servers,
    witnesses,
    hosts,
    branches: [],
    beforeClose: new Set(),
    haltedUntilMs: 0,
    isHealed: false,
    onChange: watch.onChange,
    onSubmit: watch.onSubmit,
    onFault: watch.onFault,
  };
  trace.note("plan", JSON.stringify({ ...plan, faults: plan.faults.length }));
  for (const [at, host] of hosts.entries()) {
    for (let worker = 1; worker <= plan.workersPerHost; worker++)
      startWorker(host, `${at === 0 ? "a" : "b"}${worker}`, run);
    reconcile(run, host);
  }
  return run;
}

function ratesNow({ plan, isHealed }: Run, on: Outside, host: Host | undefined): FaultRates {
  if (isHealed) return noFaults;
  const isDown = on === "sql" ? host?.isDatabaseDown : on === "xrpl" ? false : host?.isDiskDown;
  return isDown ? { ...plan.rates[on], errorBefore: 1 } : plan.rates[on];
}

/** Puts the job into the queue that finds what is due. */
function reconcile(run: Run, host: Host): void {
  host.queue.add({ job: "reconcile", data: {} });
  run.timeline.after(reconcileMs, () => reconcile(run, host));
}

/** A ledger every three to five seconds, unless the network halts. */
function closeLedgers(run: Run): void {
  const { timeline, chance, truth, branches, beforeClose, watch } = run;
  timeline.after(chance.between(3000, 5000), () => {
    if (timeline.nowMs() >= run.haltedUntilMs) {
      for (const act of beforeClose) act();
      truth.close();
      for (const branch of branches) branch.close();
      watch.onClosed();
      run.witnesses?.onClosed();
    }
    closeLedgers(run);
  });
}

/** Ends every fault that has not ended. One server has the whole history. */
function heal(run: Run): void {
  const { servers, hosts, plan, trace, beforeClose } = run;
  trace.note("plan", "every fault ends");
  run.isHealed = true;
  run.haltedUntilMs = 0;
  beforeClose.clear();
  run.branches.length = 0;
  for (const server of servers) server.heal();
  run.witnesses?.heal();
  const whole = servers[plan.wholeServer];
  if (whole) {
    whole.missing.clear();
    whole.from = 2;
  }
  for (const host of hosts) {
    Object.assign(host, { skewMs: 0, isDatabaseDown: false, isDiskDown: false });
    for (const actor of host.actors) actor.pausedUntilMs = 0;
  }
  refund(run);
  human(run);
  if (hasToProve(run)) countProven(run);
}

/** A human looks now and then, and lets be signed anew what failed. */
function human(run: Run): void {
  run.timeline.after(humanMs, async () => {
    for (const host of run.hosts) await decideFailed(host, run);
    human(run);
  });
}

/** Where every server may show another chain, a month may be beyond proof. */
function hasToProve({ plan }: Run): boolean {
  return plan.hearing !== undefined && plan.deceit !== "dark";
}

/** Looks now and then how many months are called proven. */
function countProven(run: Run): void {
  run.timeline.after(lookMs, async () => {
    for (const host of run.hosts) {
      const records = await sqlPartitions(host.database.sql).list(origin);
      host.proven = records.filter(({ state }) => state === "proven").length;
    }
    countProven(run);
  });
}

function isSettled({ archive, proven }: Host, run: Run): boolean {
  const { months } = run;
  if (!months.every((month) => archive.hasReceipt(month))) return false;
  return !hasToProve(run) || (proven === months.length && months.every((month) => archive.hasProof(month)));
}

/** Goes on until no transaction that was ever signed can come any more. */
async function runOut({ watch, timeline, truth }: Run): Promise<void> {
  const last = Math.max(0, ...[...watch.signed.values()].map(({ lastLedgerSequence }) => lastLedgerSequence));
  await timeline.run(
    () => watch.violations.length > 0 || truth.engine.last().index > last,
    timeline.nowMs() + patienceMs,
  );
}
