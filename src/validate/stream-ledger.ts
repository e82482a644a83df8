import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { readPublished, reportUnfindable, type ClosedMonth } from "./closed-months.ts";
import { appendedTo } from "./appended.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { type Report, stagedFindings, type StagedFindings } from "./finding.ts";
import { clockOf, type JudgeOptions } from "./judge-ledger.ts";
import { DamagedFile } from "./checked-file.ts";
import type { Milestone, MilestoneStore } from "./milestone.ts";
import { DigestUnknown, type KnownDigests } from "./month-log.ts";
import { blocksOf, firstEvent } from "./read-chunks.ts";
import { type EventPath, readFrame } from "./read-ledger.ts";
import { isSuspect, setMilestone } from "./set-milestone.ts";
import { findMilestone, isBeforeMilestone, type LedgerNow, resumptionOf } from "./resume.ts";
import { type StreamRun, streamRun } from "./start-run.ts";
import { finishRun, judgeRunFiles } from "./stream-run.ts";
import { takeFiles, type TakeOptions, unreadable } from "./take-files.ts";

export interface StreamOptions extends JudgeOptions, Pick<TakeOptions, "pool" | "signal" | "onProgress"> {
  /** Bytes of a `verifier.policy.json` to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array;
  /** An earlier state of the same ledger, to which the change may only append. */
  readonly base?: LedgerTree;
  /** Digests of months that are known from earlier runs. */
  readonly digests?: KnownDigests;
  /** States of ledgers that were judged in earlier runs. */
  readonly milestones?: MilestoneStore;
  /** Fewer events are not worth a milestone. */
  readonly leastRemembered?: number;
  /** Verifies everything, whatever is known from earlier runs. */
  readonly isFull?: boolean;
}

/** What an earlier way through the ledger found out too late. */
interface Knowledge {
  readonly dialect: Dialect | undefined;
  /** Files in another formatting, which are read whole. */
  readonly whole: ReadonlySet<string>;
  readonly unfindable: ReadonlySet<Month>;
  readonly isFull: boolean;
  /** Is everything read, whatever milestone there is? */
  readonly isFromStart: boolean;
}

/** Ways through one ledger before it is read whole. */
const maxTries = 5;

/**
 * Judges a ledger while it is read: of its events nothing stays but what the rules have to remember.
 *
 * @returns undefined for a ledger that has to be at hand as a whole
 */
export async function streamLedger(tree: LedgerTree, options: StreamOptions): Promise<Report | undefined> {
  let knowledge: Knowledge = {
    dialect: undefined,
    whole: new Set(),
    unfindable: new Set(),
    isFull: options.isFull ?? false,
    isFromStart: options.isFull ?? false,
  };
  for (let tries = 0; tries < maxTries; tries++) {
    const outcome = await tryOnce(tree, knowledge, options);
    if (outcome === undefined || "valid" in outcome) return outcome;
    knowledge = outcome;
  }
  return undefined;
}

async function tryOnce(
  tree: LedgerTree,
  knowledge: Knowledge,
  options: StreamOptions,
): Promise<Report | Knowledge | undefined> {
  const findings = stagedFindings();
  const frame = await readFrame(tree, findings.at(0), options);
  if (new Set(frame.eventPaths.map(({ month }) => month === "")).size > 1) return undefined;
  const paths = frame.eventPaths.toSorted((a, b) => (a.month < b.month ? -1 : 1));
  const first = await firstEvent(tree, paths[0]);
  const { unfindable, dialect = first.dialect } = knowledge;
  const store = canRemember(knowledge, options) ? options.milestones : undefined;
  using milestone = knowledge.isFromStart ? undefined : findMilestone(store, first);
  if (!milestone) options.pool?.prepare(first.chunkEvents);
  const published = await readPublished(frame, findings.at(0));
  const start = await startOf({ frame, dialect, blocks: (path) => blocksOf(tree, path) }, milestone, options);
  if (!start) return undefined;
  const run = streamRun({ frame, dialect, published, unfindable, findings, ...start }, options);
  const fromStart: Knowledge = { ...knowledge, isFromStart: true };
  try {
    const outcome = await judgeFiles(run, tree, paths, knowledge, options);
    const report = reportIn(outcome);
    if (start.resumed && (!report || isSuspect(run, report))) return fromStart;
    const setting = { store, first, tree, least: options.leastRemembered, isFull: options.isFull ?? false };
    if (report) await setMilestone(run, report, setting);
    return outcome;
  } catch (error) {
    if (error instanceof DamagedFile) return fromStart;
    throw error;
  }
}

function reportIn(outcome: Report | Knowledge | undefined): Report | undefined {
  return outcome && "valid" in outcome ? outcome : undefined;
}

/** Where a way through the ledger begins; undefined when an earlier state has to be compared with all of it. */
async function startOf(
  now: LedgerNow,
  milestone: Milestone | undefined,
  options: StreamOptions,
): Promise<Pick<StreamRun, "appended" | "resumed"> | undefined> {
  const { nowUnixMs, aheadMs } = clockOf(options.nowUnixMs, options.windows);
  const resumption = milestone && (await resumptionOf(now, milestone, nowUnixMs + aheadMs));
  if (!options.base) return { appended: undefined, resumed: resumption };
  const appended = await appendedTo(now, options.base, resumption, options);
  if (!appended) return undefined;
  const isLater = resumption !== undefined && isBeforeMilestone(resumption, appended);
  return { appended, resumed: isLater ? undefined : resumption };
}

async function judgeFiles(
  run: StreamRun,
  tree: LedgerTree,
  paths: readonly EventPath[],
  knowledge: Knowledge,
  options: StreamOptions,
): Promise<Report | Knowledge | undefined> {
  const meanwhile = (): Promise<void> => judgeRunFiles(run);
  const odd = await takeFiles(run, tree, paths, { ...options, ...knowledge, meanwhile });
  if (odd === unreadable) return undefined;
  if (odd !== undefined) return { ...knowledge, whole: new Set([...knowledge.whole, odd]) };
  const found = dialectOfEvents(run, paths);
  if (found !== run.dialect) return { ...knowledge, dialect: found, unfindable: new Set() };
  // What is judged last takes memory, and no thread.
  await options.pool?.rest();
  return lastOf(run, knowledge);
}

/** What is judged once every event was there. */
async function lastOf(run: StreamRun, knowledge: Knowledge): Promise<Report | Knowledge | undefined> {
  const { dialect, findings, seen } = run;
  const { unfindable } = knowledge;
  const published = run.context.closed.months;
  // Which dialect the earlier state was of hangs on more than its last events.
  if (run.appended && seen.monthly !== 0 && seen.monthly !== seen.objects) return undefined;
  // Which events came after the close of their month is found out with all of them at hand.
  if (published.some((closed) => holdsMore(closed, run))) return undefined;
  const lost = dialect === "jsonl" ? published.filter((closed) => isLost(closed, run)) : [];
  if (lost.some(({ month }) => !unfindable.has(month))) {
    return { ...knowledge, unfindable: new Set(lost.map(({ month }) => month)) };
  }
  for (const closed of lost) reportUnfindable(closed, findings.at(0));
  try {
    await finishRun(run);
  } catch (error) {
    if (error instanceof DigestUnknown) return { ...knowledge, isFull: true };
    throw error;
  }
  return reportOf(run, findings);
}

function reportOf({ dialect, seen, tally }: StreamRun, findings: StagedFindings): Report {
  const found = findings.inOrder();
  return {
    valid: found.every(({ severity }) => severity !== "error"),
    dialect,
    events: seen.events,
    findings: found,
    signaturesChecked: tally.checked,
    signaturesNotRechecked: seen.passedOver,
  };
}

function holdsMore({ month, manifest: { count } }: ClosedMonth, { log }: StreamRun): boolean {
  return log.countOf(month) > count;
}

function isLost({ manifest: { range } }: ClosedMonth, { register }: StreamRun): boolean {
  return range !== null && register.memory.known.get(range[1]) === undefined;
}

function canRemember({ whole, unfindable }: Knowledge, { witnessedUnixMs }: StreamOptions): boolean {
  return witnessedUnixMs === undefined && whole.size === 0 && unfindable.size === 0;
}

function dialectOfEvents({ seen: { objects, monthly } }: StreamRun, paths: readonly EventPath[]): Dialect {
  if (objects > 0) return 2 * monthly >= objects ? "monthly" : "jsonl";
  return paths.some(({ month }) => month === "") ? "jsonl" : "monthly";
}
