import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { readWorkerStatus, type WorkerStatus } from "../../src/adapters/worker-file.ts";
import { xrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { parseTrust } from "../../src/core/trust.ts";
import type { Attempt } from "../../src/ports.ts";
import { writeYearLedger, yearMonths } from "../support/year-ledger.ts";
import { faultsOfYear } from "./check-year.ts";
import { afterLines, firstJsonLine, kill, type Running, start } from "./processes.ts";

export const backends = ["embedded", "postgres", "redis"] as const;

export type Backend = (typeof backends)[number];

export interface KillOptions {
  readonly backend: Backend;
  /** Kills to survive; years are closed until there were so many. */
  readonly kills: number;
  readonly seed: number;
  /** An empty folder. */
  readonly folder: string;
  /** Addresses of services, empty for each year. */
  readonly services: (year: number) => Promise<{ readonly stateUrl?: string; readonly redisUrl?: string }>;
  /** Lets the locks of the worker that was killed expire, so that the next has something to be killed at. */
  readonly expireLocks: () => Promise<void>;
  readonly log: (line: string) => void;
}

export interface KillFigures {
  readonly backend: Backend;
  readonly kills: number;
  /** Kills of a worker that had anchored a month and not proven it. */
  readonly killsWhileProving: number;
  readonly years: number;
  readonly months: number;
  /** Longest time from the last kill of a year to its end, milliseconds. */
  readonly worstRecoveryMs: number;
  readonly faults: readonly string[];
}

/** A worker of this share is killed within `startMs`, so before or just when it is ready. */
const startShare = 0.2;
const startMs = 1500;
/** A worker of this share is killed while it proves: within `proveMs` of a month being anchored and not proven. */
const proveShare = 0.4;
const proveMs = 250;
/** Any other is killed after so many lines of its log at most; with each month there are about twelve. */
const lifeLines = 36;
/** Time from the line until the kill, and from its first line that of a worker with nothing to do, milliseconds. */
const [afterLineMs, lifeMs] = [100, 4000];
/** A year that is not settled so long after its last kill is stuck. */
const recoveryMs = 300_000;

/** Numbers of 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Year {
  readonly ledger: string;
  readonly data: string;
  readonly args: readonly string[];
}

/** A local network with validators, and what pins them. */
interface Network {
  readonly endpoint: string;
  readonly trustFile: string;
}

async function prepareYear(options: KillOptions, number: number, { endpoint, trustFile }: Network): Promise<Year> {
  const { backend, folder, services } = options;
  const place = join(folder, `year-${number}`);
  const [ledger, data] = [join(place, "ledger"), join(place, "data")];
  mkdirSync(data, { recursive: true });
  writeYearLedger(ledger, `run-${options.seed}-${backend}-${number}`);
  const args = ["run", "--ledger", ledger, "--data", data, "--network", "local", "--endpoint", endpoint];
  args.push(
    "--trust",
    trustFile,
    "--log-level",
    "debug",
    "--origin",
    "year.example",
    "--port",
    "0",
    "--queue",
    backend,
    "--reconcile-minutes",
    "1",
    "--grace",
    "0",
  );
  for (const [name, url] of Object.entries(await services(number))) {
    const [flag, file] = name === "stateUrl" ? ["--state-url-file", "state-url"] : ["--redis-file", "redis-url"];
    writeFileSync(join(place, file), `${url}\n`);
    args.push(flag, join(place, file));
  }
  return { ledger, data, args };
}

/** Months of a year that are anchored, and those that are proven. */
async function progress({ ledger }: Year): Promise<{ readonly anchored: number; readonly proven: number }> {
  const archive = archiveFolder(ledger);
  const withFile = async (file: string): Promise<number> => {
    const found = await Promise.all(yearMonths.map((month) => archive.read(month, file)));
    return found.filter((bytes) => bytes !== undefined).length;
  };
  // In the order that they are made in, so that what is proven was anchored.
  const proven = await withFile("xpop.json");
  return { proven, anchored: await withFile("receipt.json") };
}

async function isSettled(year: Year): Promise<boolean> {
  return (await progress(year)).proven === yearMonths.length;
}

async function isProving(year: Year): Promise<boolean> {
  const { anchored, proven } = await progress(year);
  return anchored > proven;
}

/** What waits in the queue of a worker that has nothing to do: the next of both schedules. */
const idle = { waiting: 0, active: 0, delayed: 2, failed: 0 } as const;

/** What is wrong with what the worker of a settled year knows: each month has one anchor that came to be, and none is under way. */
function faultsOfAttempts(status: WorkerStatus): readonly string[] {
  const attempts = status.attempts as unknown as readonly Attempt[];
  return yearMonths.flatMap((month) => {
    const states = attempts.filter((attempt) => attempt.month === month).map(({ state }) => state);
    const isGood = states.every((state, at) => state === (at === states.length - 1 ? "anchored" : "expired"));
    return isGood && states.length > 0 ? [] : [`attempts of ${month} are ${states.join(", ")}`];
  });
}

/** Waits until every month is proven and the queue holds neither more nor less than it should. */
async function settled(year: Year, worker: Running): Promise<readonly string[]> {
  const deadline = Date.now() + recoveryMs;
  let jobs: WorkerStatus["jobs"] = {};
  while (Date.now() < deadline) {
    if (worker.child.exitCode !== null) return [`the worker ended by itself: ${worker.output().slice(-3000)}`];
    const status = readWorkerStatus(year.data);
    if (status?.pid === worker.child.pid) jobs = status?.jobs ?? {};
    if (status && isDeepStrictEqual(jobs, idle) && (await isSettled(year))) return faultsOfAttempts(status);
    await wait(50);
  }
  const state = `jobs are ${JSON.stringify(jobs)}`;
  return [`not settled ${recoveryMs} ms after the last kill, ${state}: ${worker.output().slice(-3000)}`];
}

/** Resolves when a worker is to be killed: at its start, while it proves, or after some line of its log. */
async function moment(year: Year, worker: Running, random: () => number): Promise<void> {
  const kind = random();
  if (kind < startShare) {
    await wait(random() * startMs);
    return;
  }
  if (kind < startShare + proveShare) {
    // A year may be settled before anything of it is seen to be under way.
    while (worker.child.exitCode === null && !(await isProving(year)) && !(await isSettled(year))) await wait(5);
    await wait(random() * proveMs);
    return;
  }
  const [lines, afterMs] = [1 + Math.floor(random() * lifeLines), random() * afterLineMs];
  await Promise.race([afterLines(worker, lines), afterLines(worker, 1).then(() => wait(lifeMs))]);
  await wait(afterMs);
}

interface YearFigures {
  readonly kills: number;
  readonly killsWhileProving: number;
  readonly recoveryMs: number;
  readonly faults: readonly string[];
}

/** Kills the worker of a year at random until the year is settled or there were enough kills, then lets it finish. */
async function runYear(
  year: Year,
  killsLeft: number,
  random: () => number,
  options: KillOptions,
): Promise<YearFigures> {
  let [kills, killsWhileProving] = [0, 0];
  while (kills < killsLeft && !(await isSettled(year))) {
    // The last worker has to wait until the locks of the one before expire.
    if (kills > 0) await options.expireLocks();
    const worker = start(year.args);
    const ended = await Promise.race([
      moment(year, worker, random),
      worker.ended.then((code) => `the worker ended by itself with ${code}: ${worker.output().slice(-3000)}`),
    ]);
    await kill(worker);
    if (typeof ended === "string") return { kills, killsWhileProving, recoveryMs: 0, faults: [ended] };
    kills++;
    if (await isProving(year)) killsWhileProving++;
  }
  const begunMs = Date.now();
  const last = start(year.args);
  const faults = await settled(year, last);
  const tookMs = Date.now() - begunMs;
  last.child.kill("SIGTERM");
  const code = await last.ended;
  if (code === 0) return { kills, killsWhileProving, recoveryMs: tookMs, faults };
  const shutdown = `a worker that was asked to stop ended with ${code}: ${last.output().slice(-3000)}`;
  return { kills, killsWhileProving, recoveryMs: tookMs, faults: [...faults, shutdown] };
}

/** Closes years of twelve months with workers that are killed at random, and looks what came of it. */
export async function killLoop(options: KillOptions): Promise<KillFigures> {
  const random = randomOf(options.seed);
  // A process that is killed leaves nothing compiled behind for those that follow.
  await start(["--version"]).ended;
  const network = start(["localnet", "--port", "0", "--rpc-port", "0", "--close-ms", "100", "--format", "json"]);
  const faults: string[] = [];
  let [kills, killsWhileProving, years, worstRecoveryMs] = [0, 0, 0, 0];
  try {
    const { ws, trust } = await firstJsonLine(network);
    const [endpoint, trustFile] = [String(ws), join(options.folder, "trust.json")];
    writeFileSync(trustFile, JSON.stringify(trust));
    const { publishers } = parseTrust(trust as JsonValue);
    const rpc = xrplServer(endpoint);
    while (kills < options.kills && faults.length === 0) {
      const year = await prepareYear(options, years, { endpoint, trustFile });
      const done = await runYear(year, options.kills - kills, random, options);
      kills += done.kills;
      killsWhileProving += done.killsWhileProving;
      years++;
      worstRecoveryMs = Math.max(worstRecoveryMs, done.recoveryMs);
      faults.push(...done.faults);
      if (faults.length === 0) {
        const seed = readFileSync(join(year.data, "local-account.seed"), "utf8");
        faults.push(...(await faultsOfYear(year.ledger, rpc, seedSigner(seed).account, publishers)));
      }
      options.log(
        `${options.backend}: year ${years}, ${kills} kills, ${killsWhileProving} while proving, recovery ${done.recoveryMs} ms`,
      );
      if (faults.length === 0) rmSync(join(year.ledger, ".."), { recursive: true, force: true });
    }
    await rpc.close();
  } finally {
    network.child.kill("SIGTERM");
    await network.ended;
  }
  const months = years * yearMonths.length;
  return { backend: options.backend, kills, killsWhileProving, years, months, worstRecoveryMs, faults };
}
