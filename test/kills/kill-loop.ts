import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { readWorkerStatus } from "../../src/adapters/worker-file.ts";
import { xrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import { writeYearLedger, yearMonths } from "../support/year-ledger.ts";
import { faultsOfYear } from "./check-year.ts";
import { firstJsonLine, kill, type Running, start } from "./processes.ts";

export type Backend = "embedded" | "postgres" | "redis";

export interface KillOptions {
  readonly backend: Backend;
  /** Kills to survive; years are closed until there were so many. */
  readonly kills: number;
  readonly seed: number;
  /** An empty folder. */
  readonly folder: string;
  /** Addresses of services, empty for each year. */
  readonly services: (year: number) => Promise<{ readonly stateUrl?: string; readonly redisUrl?: string }>;
  readonly log: (line: string) => void;
}

export interface KillFigures {
  readonly backend: Backend;
  readonly kills: number;
  readonly years: number;
  readonly months: number;
  /** Longest time from the last kill of a year to its end, milliseconds. */
  readonly worstRecoveryMs: number;
  readonly faults: readonly string[];
}

/** Time within which a worker is killed after its start, milliseconds; its start takes about half of it. */
const lifeMs = { least: 300, most: 6000 } as const;
/** A year that is not settled so long after its last kill is stuck. */
const recoveryMs = 120_000;

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

async function prepareYear(options: KillOptions, number: number, endpoint: string): Promise<Year> {
  const { backend, folder, services } = options;
  const place = join(folder, `year-${number}`);
  const [ledger, data] = [join(place, "ledger"), join(place, "data")];
  mkdirSync(data, { recursive: true });
  writeYearLedger(ledger, `run-${options.seed}-${backend}-${number}`);
  const args = ["run", "--ledger", ledger, "--data", data, "--network", "local", "--endpoint", endpoint];
  args.push("--origin", "year.example", "--port", "0", "--queue", backend, "--reconcile-minutes", "1", "--grace", "0");
  for (const [name, url] of Object.entries(await services(number))) {
    const [flag, file] = name === "stateUrl" ? ["--state-url-file", "state-url"] : ["--redis-file", "redis-url"];
    writeFileSync(join(place, file), `${url}\n`);
    args.push(flag, join(place, file));
  }
  return { ledger, data, args };
}

async function isSettled({ ledger }: Year): Promise<boolean> {
  const archive = archiveFolder(ledger);
  const receipts = await Promise.all(yearMonths.map((month) => archive.read(month, "receipt.json")));
  return receipts.every((receipt) => receipt !== undefined);
}

/** Waits until every month has its receipt and the queue has nothing left to do at once. */
async function settled(year: Year, worker: Running): Promise<string | undefined> {
  const deadline = Date.now() + recoveryMs;
  while (Date.now() < deadline) {
    if (worker.child.exitCode !== null) return `the worker ended by itself: ${worker.output().slice(-3000)}`;
    const status = readWorkerStatus(year.data);
    const isIdle = status?.pid === worker.child.pid && status?.jobs["active"] === 0 && status.jobs["waiting"] === 0;
    if (isIdle && (await isSettled(year))) {
      const failed = status.jobs["failed"] ?? 0;
      return failed === 0 ? undefined : `${failed} jobs failed: ${worker.output().slice(-3000)}`;
    }
    await wait(100);
  }
  return `not settled ${recoveryMs} ms after the last kill: ${worker.output().slice(-3000)}`;
}

/** Kills the worker of a year at random until the year is settled or there were enough kills, then lets it finish. */
async function runYear(
  year: Year,
  killsLeft: number,
  random: () => number,
): Promise<{ kills: number; recoveryMs: number; fault: string | undefined }> {
  let kills = 0;
  while (kills < killsLeft && !(await isSettled(year))) {
    const worker = start(year.args);
    const ended = await Promise.race([
      wait(lifeMs.least + random() * (lifeMs.most - lifeMs.least)),
      worker.ended.then((code) => `the worker ended by itself with ${code}: ${worker.output().slice(-3000)}`),
    ]);
    await kill(worker);
    if (typeof ended === "string") return { kills, recoveryMs: 0, fault: ended };
    kills++;
  }
  const begunMs = Date.now();
  const last = start(year.args);
  const fault = await settled(year, last);
  const tookMs = Date.now() - begunMs;
  last.child.kill("SIGTERM");
  const code = await last.ended;
  const shutdown =
    code === 0 ? undefined : `a worker that was asked to stop ended with ${code}: ${last.output().slice(-3000)}`;
  return { kills, recoveryMs: tookMs, fault: fault ?? shutdown };
}

/** Closes years of twelve months with workers that are killed at random, and looks what came of it. */
export async function killLoop(options: KillOptions): Promise<KillFigures> {
  const random = randomOf(options.seed);
  const network = start(["localnet", "--port", "0", "--rpc-port", "0", "--close-ms", "100", "--format", "json"]);
  const faults: string[] = [];
  let [kills, years, worstRecoveryMs] = [0, 0, 0];
  try {
    const endpoint = String((await firstJsonLine(network))["ws"]);
    const rpc = xrplServer(endpoint);
    while (kills < options.kills && faults.length === 0) {
      const year = await prepareYear(options, years, endpoint);
      const done = await runYear(year, options.kills - kills, random);
      kills += done.kills;
      years++;
      worstRecoveryMs = Math.max(worstRecoveryMs, done.recoveryMs);
      if (done.fault !== undefined) faults.push(done.fault);
      else {
        const seed = readFileSync(join(year.data, "local-account.seed"), "utf8");
        faults.push(...(await faultsOfYear(year.ledger, rpc, seedSigner(seed).account)));
      }
      options.log(`${options.backend}: year ${years}, ${kills} kills, recovery ${done.recoveryMs} ms`);
      if (faults.length === 0) rmSync(join(year.ledger, ".."), { recursive: true, force: true });
    }
    await rpc.close();
  } finally {
    await kill(network);
  }
  return { backend: options.backend, kills, years, months: years * yearMonths.length, worstRecoveryMs, faults };
}
