// Gives the verifier proofs that were changed in every way, each of which follows from the seed and its number alone.
//
//   npm run fuzz -- --runs 100000 --seed 1 --jobs 2     runs 0 to 99999 of seed 1
//   npm run fuzz -- --seed 1 --replay 4711              one run again: what was done, and what came of it
//
// A fault is: an error that is no refusal, a verdict that takes longer than --limit-ms, memory that grows, and a proof that
// is accepted and says something else than what somebody pinned has signed. What may differ is in test/fuzz/genuine.ts.
// Inputs that show a fault are written to --out. The last line is one of JSON with the figures; exit code 1 on a fault.
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { SingleBar } from "cli-progress";
import { emptyFigures, type Figures, figuresJson, merged } from "../test/fuzz/figures.ts";
import { fuzzOne, trustOf } from "../test/fuzz/fuzz-one.ts";
import type { Failure } from "../test/fuzz/fuzz-range.ts";
import { verifier } from "../test/fuzz/judge.ts";
import { inputText, makeInput } from "../test/fuzz/make-input.ts";
import { makeOracle } from "../test/fuzz/oracle.ts";
import { readSeeds } from "../test/fuzz/seeds.ts";
import type { WorkerData, WorkerDone } from "../test/fuzz/worker.ts";
import { trustJson } from "../src/core/trust.ts";

/** A thread that is at one run for so long hangs; the machine may have other things to do. */
const hangMs = 120_000;
const lookMs = 250;
/** Stands for the run of a thread that reads its seeds yet. */
const starting = -1;
/** Heap of a thread: the largest input takes a fraction of it, and garbage is not left to pile up. */
const heapMiB = 192;
/** Live heap of a thread and memory of the process may move by so much. */
const heapLimitBytes = 32 * 2 ** 20;
const rssLimitBytes = 256 * 2 ** 20;
const megabyte = 2 ** 20;

interface Plan {
  readonly seed: number;
  readonly runs: number;
  readonly jobs: number;
  readonly limitMs: number;
  readonly out: string;
}

interface Result {
  readonly figures: Figures;
  readonly failures: readonly Failure[];
  readonly heapGrowthBytes: number;
  readonly rssGrowthBytes: number;
  readonly seconds: number;
}

function number(text: string | undefined, name: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value < 2 ** 31) return value;
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

/** A thread at work; the run it hangs at when it hangs, or the error it died of, becomes a failure. */
async function work(data: WorkerData, plan: Plan): Promise<WorkerDone> {
  const thread = new Worker(new URL("../test/fuzz/worker.ts", import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: heapMiB },
  });
  const lost = (fault: string): WorkerDone => {
    const run = Math.max(0, Math.min(Atomics.load(data.board, data.slot), plan.runs - 1));
    const { bytes, pins, trail } = makeInput(readSeeds(), plan.seed, run);
    const figures = { ...emptyFigures, runs: 1 };
    return { figures, failures: [{ run, fault, pins, trail, bytes }], heapGrowthBytes: 0 };
  };
  return new Promise((resolve) => {
    let [at, since] = [starting, performance.now()];
    const watch = setInterval(() => {
      const run = Atomics.load(data.board, data.slot);
      if (run !== at || run === starting) [at, since] = [run, performance.now()];
      if (performance.now() - since < hangMs) return;
      finish(lost(`hang: no verdict within ${hangMs / 1000} s`));
      void thread.terminate();
    }, lookMs);
    const finish = (done: WorkerDone): void => {
      clearInterval(watch);
      resolve(done);
    };
    thread.once("message", finish);
    thread.once("error", (error) => finish(lost(`the thread died: ${String(error)}`)));
  });
}

async function fuzz(plan: Plan): Promise<Result> {
  const { seed, runs, jobs, limitMs } = plan;
  const board = new Int32Array(new SharedArrayBuffer(4 * (jobs + 1))).fill(starting, 1);
  const shown = progress(runs);
  const beganMs = performance.now();
  let [warmBytes, peakBytes] = [0, 0];
  const watch = setInterval(() => {
    const done = Atomics.load(board, 0);
    const { rss } = process.memoryUsage();
    if (done < runs / 5) warmBytes = Math.max(warmBytes, rss);
    else peakBytes = Math.max(peakBytes, rss);
    shown.at(done);
  }, lookMs);
  const slots = Array.from({ length: jobs }, (_, at) => at + 1);
  const done = await Promise.all(slots.map((slot) => work({ seed, limitMs, runs, board, slot }, plan)));
  clearInterval(watch);
  shown.stop();
  return {
    figures: done.reduce((all, { figures }) => merged(all, figures), emptyFigures),
    failures: done.flatMap(({ failures }) => failures).toSorted((a, b) => a.run - b.run),
    heapGrowthBytes: Math.max(...done.map((each) => each.heapGrowthBytes)),
    rssGrowthBytes: warmBytes === 0 ? 0 : Math.max(0, peakBytes - warmBytes),
    seconds: (performance.now() - beganMs) / 1000,
  };
}

/** Writes an input with all that is needed to see the fault again. */
function keep({ run, fault, pins, trail, bytes }: Failure, { seed, out }: Plan): void {
  const seeds = readSeeds();
  mkdirSync(out, { recursive: true });
  const path = join(out, `fuzz-${seed}-${run}`);
  writeFileSync(`${path}.input`, bytes);
  const how = { seed, run, seeds: seeds.digest, fault, pins, trust: trustJson(trustOf(seeds, pins)), trail };
  writeFileSync(`${path}.json`, `${JSON.stringify(how, null, 2)}\n`);
  console.error(`run ${run}: ${fault}; the input is ${path}.input`);
}

/** Of all threads, what they need to begin included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function report(result: Result, plan: Plan): void {
  const { figures, failures, heapGrowthBytes, rssGrowthBytes, seconds } = result;
  for (const failure of failures.slice(0, 20)) keep(failure, plan);
  const growths = [
    ...(heapGrowthBytes > heapLimitBytes ? ["the live heap grew"] : []),
    ...(rssGrowthBytes > rssLimitBytes ? ["the memory of the process grew"] : []),
  ];
  for (const fault of growths) console.error(fault);
  if (failures.length > 0 || growths.length > 0 || figures.runs < plan.runs) process.exitCode = 1;
  const summary = {
    ...figuresJson(figures),
    seed: plan.seed,
    seeds: readSeeds().digest,
    jobs: plan.jobs,
    seconds: Math.round(seconds),
    runsPerSecond: Math.round(figures.runs / seconds),
    runsPerCpuSecond: Math.round(figures.runs / cpuSeconds()),
    heapGrowthMiB: Math.round(heapGrowthBytes / megabyte),
    peakRssGrowthMiB: Math.round(rssGrowthBytes / megabyte),
    failed: failures.map(({ run, fault }) => ({ run, fault })).slice(0, 20),
    faults: failures.length + growths.length,
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
