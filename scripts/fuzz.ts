// Gives the verifier proofs that were changed in every way, each of which follows from the seed and its number alone.
//
//   npm run fuzz -- --runs 100000 --seed 1 --jobs 2     runs 0 to 99999 of seed 1; the first are the proofs as they are
//   npm run fuzz -- --seed 1 --replay 4711              one run again: what was done, and what came of it
//
// A fault is: an error that is no refusal, a verdict that takes longer than --limit-ms, memory that grows, and a proof that
// is accepted and says something else than what somebody pinned has signed. What may differ is in test/fuzz/genuine.ts.
// Inputs that show a fault are written to --out. The last line is one of JSON with the figures; exit code 1 on a fault.
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { trustJson } from "../src/core/trust.ts";
import { emptyFigures, type Figures, figuresJson, merged } from "../test/fuzz/figures.ts";
import { fuzzOne, trustOf } from "../test/fuzz/fuzz-one.ts";
import type { FailureNote } from "../test/fuzz/fuzz-range.ts";
import { verifier } from "../test/fuzz/judge.ts";
import { inputText, makeInput } from "../test/fuzz/make-input.ts";
import { makeOracle } from "../test/fuzz/oracle.ts";
import { readSeeds } from "../test/fuzz/seeds.ts";
import type { Share, ShareDone } from "../test/fuzz/worker.ts";

/** A process that is at one run for so long hangs; the machine may have other things to do. */
const hangMs = 120_000;
const lookMs = 250;
const megabyte = 2 ** 20;
/** Heap of a process: the largest input takes a fraction of it, and garbage is not left to pile up. */
const heapMiB = 256;
/** Live heap and memory of a process may move by so much. */
const heapLimitBytes = 32 * megabyte;
const rssLimitBytes = 256 * megabyte;

interface Plan {
  readonly seed: number;
  readonly runs: number;
  readonly jobs: number;
  readonly limitMs: number;
  readonly out: string;
}

function number(text: string | undefined, name: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`--${name} takes a whole number from ${least} on, not ${text ?? "nothing"}`);
}

/** Where the run shows how far it is. */
function progress(total: number): { at(done: number): void; stop(): void } {
  if (process.stderr.isTTY) {
    const bar = new SingleBar({ format: "{bar} {value}/{total} runs, {eta_formatted} left" });
    bar.start(total, 0);
    return { at: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
  }
  let told = 0;
  return {
    at(done) {
      if (done - told < total / 20) return;
      told = done;
      console.log(`${done} of ${total} runs`);
    },
    stop: () => undefined,
  };
}

/** The run that a process is at; undefined before its first. */
function runAt(place: string): number | undefined {
  const bytes = readFileSync(place, { flag: "a+" });
  return bytes.length === 8 ? new Float64Array(Uint8Array.from(bytes).buffer)[0] : undefined;
}

/** A process at work; where it hangs or dies, the run it was at becomes a failure, and its other runs are not counted. */
async function work(share: Share, seen: (run: number) => void): Promise<ShareDone> {
  const child = fork(fileURLToPath(new URL("../test/fuzz/worker.ts", import.meta.url)), {
    execArgv: ["--expose-gc", `--max-old-space-size=${heapMiB}`],
  });
  const lost = (fault: string): ShareDone => {
    const run = runAt(share.place) ?? share.first;
    const { pins, trail } = makeInput(readSeeds(), share.seed, run);
    const failures = [{ run, fault, pins, trail }];
    return { figures: emptyFigures, failures, heapGrowthBytes: 0, rssGrowthBytes: 0, cpuSeconds: 0 };
  };
  return new Promise((resolve) => {
    let [at, since] = [runAt(share.place), performance.now()];
    const watch = setInterval(() => {
      const run = runAt(share.place);
      if (run !== at || run === undefined) [at, since] = [run, performance.now()];
      if (run !== undefined) seen(run);
      if (performance.now() - since < hangMs) return;
      finish(lost(`hang: no verdict within ${hangMs / 1000} s`));
      child.kill("SIGKILL");
    }, lookMs);
    const finish = (done: ShareDone): void => {
      clearInterval(watch);
      child.removeAllListeners("exit");
      resolve(done);
    };
    child.once("message", (done: ShareDone) => finish(done));
    child.once("exit", (code, signal) => finish(lost(`the process died: ${signal ?? `exit code ${code}`}`)));
    child.send(share);
  });
}

interface Result {
  readonly shares: readonly ShareDone[];
  readonly seconds: number;
}

async function fuzz({ seed, runs, jobs, limitMs }: Plan): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "settlement-fuzz-"));
  const shown = progress(runs);
  const beganMs = performance.now();
  const all = Array.from({ length: Math.min(jobs, runs) }, (_, first): Share => {
    return { seed, limitMs, runs, jobs: Math.min(jobs, runs), first, place: join(folder, String(first)) };
  });
  const shares = await Promise.all(all.map((share) => work(share, (run) => shown.at(run))));
  shown.stop();
  rmSync(folder, { recursive: true });
  return { shares, seconds: (performance.now() - beganMs) / 1000 };
}

/** Writes an input with all that is needed to see the fault again. */
function keep({ run, fault, pins, trail }: FailureNote, { seed, out }: Plan): void {
  const seeds = readSeeds();
  mkdirSync(out, { recursive: true });
  const path = join(out, `fuzz-${seed}-${run}`);
  writeFileSync(`${path}.input`, makeInput(seeds, seed, run).bytes);
  const how = { seed, run, seeds: seeds.digest, fault, pins, trust: trustJson(trustOf(seeds, pins)), trail };
  writeFileSync(`${path}.json`, `${JSON.stringify(how, null, 2)}\n`);
  console.error(`run ${run}: ${fault}; the input is ${path}.input`);
}

function report({ shares, seconds }: Result, plan: Plan): void {
  const figures = shares.reduce<Figures>((all, share) => merged(all, share.figures), emptyFigures);
  const failures = shares.flatMap((share) => share.failures).toSorted((a, b) => a.run - b.run);
  const most = (of: (share: ShareDone) => number): number => Math.max(...shares.map(of));
  const [heapGrowth, rssGrowth] = [most((share) => share.heapGrowthBytes), most((share) => share.rssGrowthBytes)];
  const cpuSeconds = shares.reduce((sum, share) => sum + share.cpuSeconds, 0);
  for (const failure of failures.slice(0, 20)) keep(failure, plan);
  const growths = [
    ...(heapGrowth > heapLimitBytes ? ["the live heap grew"] : []),
    ...(rssGrowth > rssLimitBytes ? ["the memory of a process grew"] : []),
  ];
  for (const fault of growths) console.error(fault);
  const faults = failures.length + growths.length;
  if (faults > 0) process.exitCode = 1;
  const summary = {
    ...figuresJson(figures),
    seed: plan.seed,
    seeds: readSeeds().digest,
    jobs: plan.jobs,
    seconds: Math.round(seconds),
    runsPerSecond: Math.round(figures.runs / seconds),
    runsPerCpuSecond: Math.round(figures.runs / Math.max(cpuSeconds, 0.001)),
    heapGrowthMiB: Math.round(heapGrowth / megabyte),
    peakRssGrowthMiB: Math.round(rssGrowth / megabyte),
    failed: failures.map(({ run, fault }) => ({ run, fault })).slice(0, 20),
    faults,
  };
  console.log(JSON.stringify(summary));
}

function replay(run: number, { seed, limitMs }: Plan): void {
  const seeds = readSeeds();
  const options = { seeds, seed, limitMs, oracle: makeOracle(seeds), verifier };
  const { input, outcome, cpuMs, fault } = fuzzOne(run, options);
  for (const line of input.trail) console.log(line);
  console.log(inputText(input));
  const { bytes: _bytes, ...rest } = input;
  console.log(JSON.stringify({ run, seed, seeds: seeds.digest, ...rest, outcome, cpuMs, fault: fault ?? null }));
  if (fault !== undefined) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    "limit-ms": { type: "string", default: "5000" },
    out: { type: "string", default: join(tmpdir(), "settlement-fuzz") },
    replay: { type: "string" },
  },
});
const plan: Plan = {
  seed: number(values.seed, "seed", 0),
  runs: number(values.runs, "runs", 1),
  jobs: number(values.jobs, "jobs", 1),
  limitMs: number(values["limit-ms"], "limit-ms", 1),
  out: values.out,
};
if (values.replay !== undefined) replay(number(values.replay, "replay", 0), plan);
else report(await fuzz(plan), plan);
