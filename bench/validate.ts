import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromUtf8 } from "../src/core/bytes.ts";
import { appendBytes, appendPoint } from "../src/core/partition-file.ts";
import { furtherEvents, type LedgerPlan, madeNowUnixMs, makeLedger, monthsOf } from "./made-ledger.ts";
import { runScript } from "./own-process.ts";
import { median, type Row } from "./row.ts";
import type { ValidationRun, ValidationTask } from "./validation-run.ts";

const newEvents = 10;
const rounds = 3;

/** Of the whole process at its peak. */
const mostMb = 300;

/** With more events a plain program needs gigabytes. */
const mostPlain = 100_000;

/** So many events have a target for their time; with more of them the target is memory. */
const timed = 100_000;

/** Each run is a process of its own, so that its memory is its own; its modules are loaded before the clock starts, its threads after. */
async function run(task: ValidationTask): Promise<ValidationRun> {
  return JSON.parse(await runScript("validation-run.ts", task)) as ValidationRun;
}

/** Runs different tasks in turn, so that whatever else the machine does hits all of them. */
async function inTurn(tasks: readonly ValidationTask[], times: number): Promise<ValidationRun[][]> {
  const runs: ValidationRun[][] = tasks.map(() => []);
  for (let round = 0; round < times; round++) {
    for (const [at, task] of tasks.entries()) runs[at]?.push(await run(task));
  }
  return runs;
}

function middles(runs: readonly (readonly ValidationRun[])[]): ValidationRun[] {
  return runs.map((each) => ({
    ms: median(each.map(({ ms }) => ms)),
    peakMb: Math.max(...each.map(({ peakMb }) => peakMb)),
  }));
}

function git(folder: string, ...args: readonly string[]): void {
  const who = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"];
  execFileSync("git", ["-C", folder, ...who, ...args], { stdio: "ignore" });
}

/** Makes the ledger a repository with one commit, and another of it. */
function commit(folder: string, copy: string): void {
  git(folder, "init");
  git(folder, "add", ".");
  git(folder, "commit", "-m", "ledger");
  git(folder, "clone", ".", copy);
}

function appendTo(folder: string, plan: LedgerPlan): void {
  const path = join(folder, `${monthsOf(plan).at(-1)}.json`);
  const text = readFileSync(path, "utf8");
  const point = appendPoint("array", text);
  writeFileSync(path, text.slice(0, point.at) + fromUtf8(appendBytes(point, furtherEvents(plan, newEvents)).bytes));
}

/**
 * Validation of a ledger of some age, in a repository: everything, again with nothing changed, and a change of ten events.
 *
 * @param size - events in the ledger
 */
export async function measureValidation(size: number): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), "settlement-bench-"));
  try {
    const [ledger, changed, cache] = ["ledger", "changed", "cache"].map((name) => join(home, name)) as [
      string,
      string,
      string,
    ];
    const plan: LedgerPlan = { dialect: "monthly", events: size, months: 24, closed: 22 };
    await makeLedger(ledger, plan);
    commit(ledger, changed);
    appendTo(changed, plan);
    const task = { kind: "validate", nowUnixMs: madeNowUnixMs, cache } as const;
    const plain: ValidationTask[] = size > mostPlain ? [] : [{ kind: "plain", ledger, nowUnixMs: madeNowUnixMs }];
    const whole: ValidationTask[] = [
      { ...task, ledger, isFull: true },
      { kind: "signatures", count: size },
      { kind: "signatures", count: size, by: "ours" },
      ...plain,
    ];
    type Three = [ValidationRun, ValidationRun, ValidationRun, ...ValidationRun[]];
    const [all, floor, own, ...plainRuns] = middles(await inTurn(whole, size > timed ? 1 : rounds)) as Three;
    const later: ValidationRun[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      // What was added must not be known from the round before.
      const known = { ...task, cache: `${cache}-${round}` };
      // A small ledger leaves none.
      if (existsSync(cache)) cpSync(cache, known.cache, { recursive: true });
      const runs = await inTurn(
        [
          { ...known, ledger },
          { ...known, ledger: changed, base: "HEAD" },
        ],
        1,
      );
      for (const [at, each] of runs.entries()) later[at]?.push(...each);
    }
    const [again, appended] = middles(later) as [ValidationRun, ValidationRun];
    const named = `${size.toLocaleString("en")} events`;
    const name = `validate ${named}, --full`;
    const grows = { what: "validate --full", size };
    return [
      {
        name,
        baseline: "crypto.verify alone on all cores",
        oursMs: all.ms,
        baselineMs: floor.ms,
        ...(size === timed ? { target: 1.25 } : {}),
        extraMb: all.peakMb,
        mostMb,
        grows,
      },
      { name, baseline: "its own verification of signatures alone on all cores", oursMs: all.ms, baselineMs: own.ms },
      ...plainRuns.map(({ ms }) => ({
        name,
        baseline: "the same rules, one event after the other on one thread, all in memory",
        oursMs: all.ms,
        baselineMs: ms,
      })),
      {
        name: `validate ${named} again`,
        baseline: "--full",
        oursMs: again.ms,
        baselineMs: all.ms,
        ...(size < timed ? {} : { target: 1 / 20 }),
        extraMb: again.peakMb,
        mostMb,
      },
      {
        name: `validate --base, ${newEvents} events added to ${named}`,
        baseline: "one second",
        oursMs: appended.ms,
        baselineMs: 1000,
        target: 1,
        grows: { what: "validate --base, 10 new events", size },
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
