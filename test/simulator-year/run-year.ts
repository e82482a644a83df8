import { sqlState } from "../../src/adapters/sql-state.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { attentionOf } from "../../src/cli/attention.ts";
import { statusText } from "../../src/cli/commands/status.ts";
import { makeVkey } from "../../src/core/note.ts";
import { monthEndUnixMs, monthOf } from "../../src/core/month.ts";
import { receiptLayers } from "../../src/core/verify-receipt.ts";
import { SettlementError } from "../../src/core/error.ts";
import { balanceText } from "../../src/settle/balance.ts";
import { retryMonth } from "../../src/settle/human-acts.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { monthStatuses, nextClose } from "../../src/settle/node-status.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { anchoring } from "../simulator/accounts.ts";
import { type Actor, boundaryIn, type FaultRates, type Outside } from "../simulator/boundary.ts";
import { chanceOf } from "../simulator/chance.ts";
import type { Database } from "../simulator/database.ts";
import { refund } from "../simulator/faults.ts";
import { balanceDrops, nextSequence } from "../simulator/ledgers.ts";
import { network, settlementKey } from "../simulator/months.ts";
import { type Branch, newNetwork } from "../simulator/network.ts";
import { simulatedServer } from "../simulator/server.ts";
import { simulatedArchive } from "../simulator/stores.ts";
import { type Timeline, timelineFrom } from "../simulator/timeline.ts";
import { type Trace, traceOf } from "../simulator/trace.ts";
import { type Watch, watchOver } from "../simulator/watch.ts";
import { planOf } from "../simulator/plan.ts";
import { type YearLedger, yearLedger, yearOrigin } from "./year-ledger.ts";
import { ledgerMs, startYearWorker, type YearHost } from "./year-node.ts";
import { closeAfterMs, hourMs, type YearFault, type YearPlan, yearPlan } from "./year-plan.ts";
import { yearQueue } from "./year-queue.ts";

/** What a year came to. */
export interface YearRan {
  readonly anchors: number;
  readonly receipts: number;
  /** What must not be, for people. */
  readonly violations: readonly string[];
  /** Faults that took effect, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Most transactions that were signed for one month. */
  readonly mostAttempts: number;
}

export interface YearOptions {
  readonly seed: number;
  readonly database: Database;
  /** Takes what a terminal shows. */
  readonly print: (text: string) => void;
  readonly hasColours: boolean;
  /** Only the first so many months of the year. */
  readonly months?: number;
}

/** One operation in twenty goes wrong; of those on the disk, of which a job makes the most, one in a hundred. */
const rates: FaultRates = { killBefore: 0, killAfter: 0, errorBefore: 0.02, errorAfter: 0.02, slow: 0.01 };
const diskRates: FaultRates = { ...rates, errorBefore: 0.005, errorAfter: 0.005, slow: 0 };
const reconcileMs = 600_000;
/** Nothing happens meanwhile: nothing is due, nothing is broken. */
const quietMs = 24 * hourMs;

interface Year {
  readonly plan: YearPlan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly truth: Branch;
  readonly watch: Watch;
  readonly host: YearHost;
  readonly events: YearLedger;
  readonly active: Set<YearFault>;
  actor: Actor;
}

/** A whole year under a virtual clock: the same output for the same seed. */
export async function runYear(options: YearOptions): Promise<YearRan> {
  await options.database.wipe();
  const year = await newYear(options);
  const { plan, timeline, host } = year;
  for (const fault of plan.faults) timeline.after(fault.atMs - plan.startMs, () => begin(year, fault));
  releases(year);
  for (const month of plan.months)
    timeline.after(monthEndUnixMs(month) + closeAfterMs - plan.startMs, () =>
      host.queue.add({ job: "close", data: {} }),
    );
  for (const month of plan.months.filter((_, at) => at % 3 === 2))
    timeline.after(monthEndUnixMs(month) - plan.startMs, () => showStatus(year, options));
  startYearWorker(year.actor, host);
  reconcile(year);
  await timeline.run(() => false, plan.endMs);
  await showStatus(year, options);
  return judgeYear(year);
}

async function newYear({ seed, database, print, hasColours, months }: YearOptions): Promise<Year> {
  const plan = yearPlan(seed, months);
  const timeline = timelineFrom(plan.startMs);
  const chance = chanceOf(seed, "run");
  const trace = traceOf(timeline.nowMs);
  const truth = newNetwork(timeline.nowMs, 1000);
  const watch = watchOver(truth.engine, { ...planOf(seed), deceit: "ordinary" }, trace);
  const world = { chance, timeline, trace };
  const active = new Set<YearFault>();
  const boundary = boundaryIn({
    ...world,
    rates: (on) => ratesNow(active, on),
    kill: () => undefined,
  });
  const events = yearLedger();
  const host: YearHost = {
    boundary,
    trace,
    clock: () => Math.floor(timeline.nowMs()),
    database,
    state: await sqlState(database.sql),
    archive: simulatedArchive(),
    events,
    servers: [1, 2, 3].map((at) => simulatedServer(`xrpl${at}`, truth, world)),
    queue: yearQueue(timeline, () => wake(year)),
    print: dated(print, timeline),
    hasColours,
    balance: undefined,
  };
  const actor: Actor = { name: "worker", isAlive: true, pausedUntilMs: 0 };
  const year: Year = { plan, timeline, trace, truth, watch, host, events, active, actor };
  return year;
}

/** A terminal shows the time of a line; over a year people need the day too. */
function dated(print: (text: string) => void, timeline: Timeline): (text: string) => void {
  let shown = "";
  return (text) => {
    const day = new Date(timeline.nowMs()).toISOString().slice(0, 10);
    if (day !== shown) print(`-- ${day}\n`);
    shown = day;
    print(text);
  };
}

function ratesNow(active: ReadonlySet<YearFault>, on: Outside): FaultRates {
  const isOn = (kind: YearFault["kind"]): boolean => [...active].some((fault) => fault.kind === kind);
  const isDown = on === "sql" ? isOn("database down") : on === "archive" && isOn("disk full");
  const usual = on === "archive" || on === "ledger" ? diskRates : rates;
  return isDown ? { ...usual, errorBefore: 1 } : usual;
}

const ticking = new WeakSet<Year>();

/** The network closes ledgers while somebody looks; nobody sees what it does in quiet time. */
function wake(year: Year): void {
  if (ticking.has(year)) return;
  ticking.add(year);
  const tick = (): void => {
    year.truth.close();
    year.watch.onClosed();
    if (year.host.queue.isBusy()) year.timeline.after(ledgerMs, tick);
    else ticking.delete(year);
  };
  tick();
}

function releases({ plan, timeline, events }: Year): void {
  const bad = plan.faults.find(({ kind }) => kind === "bad event");
  for (const atMs of plan.releases) timeline.after(atMs - plan.startMs, () => events.release(atMs, false));
  if (bad) timeline.after(bad.atMs - 2 * hourMs - plan.startMs, () => events.release(bad.atMs - 2 * hourMs, true));
}

function isQuiet({ active, host, plan, timeline }: Year): boolean {
  const over = plan.months.filter((month) => monthEndUnixMs(month) <= timeline.nowMs());
  return active.size === 0 && !host.queue.isBusy() && over.every((month) => host.archive.hasReceipt(month));
}

function count(trace: Trace): number {
  return [...trace.faults().values()].reduce((sum, each) => sum + each, 0);
}

/** The reconciler comes every ten minutes; in quiet time it is as if it came seldom. */
function reconcile(year: Year): void {
  const { host, timeline, plan } = year;
  host.queue.add({ job: "reconcile", data: {} });
  const faultsBefore = count(year.trace);
  timeline.after(reconcileMs / 2, () => {
    const now = timeline.nowMs();
    const ahead = [...plan.faults.map(({ atMs }) => atMs), ...plan.months.map(monthEndUnixMs)].filter((at) => at > now);
    const next =
      isQuiet(year) && count(year.trace) === faultsBefore ? Math.min(quietMs, ...ahead.map((at) => at - now)) : 0;
    timeline.after(Math.max(reconcileMs / 2, next), () => reconcile(year));
  });
}

function begin(year: Year, fault: YearFault): void {
  const { timeline, host, active, trace } = year;
  trace.fault(fault.kind, "year", "begins");
  const server = host.servers[fault.target % host.servers.length];
  if (fault.kind === "killed") return restart(year);
  if (fault.kind === "server down" && server) server.failing.isSilent = true;
  if (fault.kind === "fee spike") for (const each of host.servers) each.failing.feeTimes = 100_000;
  if (fault.kind === "no money") spendAll(year);
  active.add(fault);
  timeline.after(fault.forMs, async () => {
    active.delete(fault);
    if (fault.kind === "server down" && server) server.failing.isSilent = false;
    if (fault.kind === "fee spike") for (const each of host.servers) each.failing.feeTimes = 1;
    if (fault.kind === "no money") refund(year);
    if (fault.kind === "bad event") await repair(year, fault);
  });
}

function restart(year: Year): void {
  year.actor.isAlive = false;
  year.timeline.after(5000, () => {
    year.actor = { name: "worker", isAlive: true, pausedUntilMs: 0 };
    startYearWorker(year.actor, year.host);
  });
}

/** Another tool with the account's seed burns all but a few drops. */
function spendAll({ truth }: Year): void {
  const { state } = truth.engine.open();
  const Fee = String(balanceDrops(state, anchoring.address) - 5n);
  const Sequence = nextSequence(state, anchoring.address);
  truth.engine.submit(anchoring.sign({ TransactionType: "AccountSet", Fee, Sequence }));
}

/** `settlement retry`, after the ledger was repaired. */
async function repair({ host, events, timeline }: Year, { atMs }: YearFault): Promise<void> {
  const month = monthOf(atMs - hourMs);
  events.repair(month);
  const { state, archive, clock } = host;
  try {
    await retryMonth(month, { ledger: events.ledger, archive, network, clock, ...state });
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    timeline.after(hourMs, () => repair({ host, events, timeline } as Year, { atMs } as YearFault));
  }
  host.queue.add({ job: "reconcile", data: {} });
}

async function showStatus({ host, events, timeline }: Year, { print, hasColours }: YearOptions): Promise<void> {
  const { archive, state, queue, balance } = host;
  const nowUnixMs = host.clock();
  const source = { ledger: events.ledger, archive };
  const view = await readLedgerView(source);
  const [records, attempts] = [await state.partitions.list(yearOrigin), await state.attempts.list()];
  const waiting = records.filter((each) => each.state === "rejected" || each.reason !== undefined);
  const worker = {
    pid: 1,
    startedUnixMs: nowUnixMs,
    heardUnixMs: nowUnixMs,
    queue: "embedded",
    paused: false,
    jobs: queue.counts(),
    chain: balance ? { text: balanceText(balance) } : {},
    attention: waiting.map(({ month, reason = "" }) => `${month}: ${reason}`),
    attempts: [],
    records: [],
  };
  const months = monthStatuses(view, { records, attempts });
  const next = nextClose(await readLedgerView(source, monthOf(nowUnixMs)), nowUnixMs, closeAfterMs);
  const attention = attentionOf({ months, next, worker, disks: [] }, nowUnixMs);
  const io = { out: print, err: print, env: {}, isTerminal: hasColours, stop: new AbortController().signal };
  print(`\n$ settlement status    # ${new Date(timeline.nowMs()).toISOString()}\n`);
  print(`${statusText(io, { view, months, next, worker, disks: [], attention, nowUnixMs })}\n`);
}

async function judgeYear({ plan, host, watch, trace }: Year): Promise<YearRan> {
  const violations = [...watch.violations];
  const trust = {
    logs: [makeVkey(yearOrigin, settlementKey.publicKey)],
    accounts: [{ network, account: anchoring.address }],
  };
  let receipts = 0;
  for (const month of plan.months) {
    if (!host.archive.hasReceipt(month)) {
      violations.push(`${month} has no receipt`);
      continue;
    }
    const { receipt, ...claim } = await readClosed(host.archive, month);
    const layers = receipt ? receiptLayers(receipt, claim, trust, nodeVerify) : [];
    const bad = layers.filter(({ layer, status }) => status !== "pass" && layer !== "validators");
    for (const { layer, detail } of bad) violations.push(`${month}, ${layer}: ${detail}`);
    if (layers.length > 0 && bad.length === 0) receipts++;
  }
  const attempts = await host.state.attempts.list();
  const faults = Object.fromEntries([...trace.faults()].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const mostAttempts = Math.max(0, ...attempts.map(({ number }) => number));
  return { anchors: watch.anchors(), receipts, violations, faults, mostAttempts };
}
