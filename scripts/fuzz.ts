// Gives the verifier proofs that were changed in every way, in processes of their own. The seed of an input, SEED:NUMBER, says
// all about it; those with the lowest numbers are the proofs as they are.
//
//   npm run fuzz -- --inputs 20000 --seed 1 --jobs 2    inputs 1:0 to 1:19999
//   npm run fuzz -- --only 1:4711                       one again: what was done, and what comes of it
//
// A fault is: an error that is no refusal, a verdict that takes longer than --limit-ms, a process that hangs for --hang-ms or
// dies, memory that grows, and a proof that is accepted and says something else than what somebody pinned has signed. What may
// differ is in test/fuzz/genuine.ts. Inputs that show a fault are written to --out. The last line is one of JSON with the
// figures; exit code 1 on a fault. An interrupted run says how far it came. --verifier names another verifier's module.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { trustJson } from "../src/core/trust.ts";
import { figuresJson } from "../test/fuzz/figures.ts";
import { fuzzOne, trustOf } from "../test/fuzz/fuzz-one.ts";
import type { FailureNote } from "../test/fuzz/fuzz-range.ts";
import { type Verifier, verifier } from "../test/fuzz/judge.ts";
import { makeInput } from "../test/fuzz/make-input.ts";
import { memoryFaults, memoryFigures } from "../test/fuzz/memory.ts";
import { makeOracle } from "../test/fuzz/oracle.ts";
import { fuzzProcesses, noProgress, type Plan, type Progress } from "../test/fuzz/processes.ts";
import { readSeeds } from "../test/fuzz/seeds.ts";

function number(text: string | undefined, name: string, least: number): number {
  const value = text === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} takes a whole number from ${least} on, not ${text ?? "nothing"}`);
}

/** Shows how far the run is. @returns ends it */
function showProgress({ inputs }: Plan, progress: Progress): () => void {
  const { isTTY } = process.stderr;
  const bar = new SingleBar({ format: "{bar} {value}/{total} inputs, {eta_formatted} left" });
  if (isTTY) bar.start(inputs, 0);
  let told = 0;
  const look = setInterval(() => {
    const { runs } = progress.figures;
    if (isTTY) bar.update(runs);
    else if (runs - told >= inputs / 20) console.log(`${(told = runs)} of ${inputs} inputs`);
  }, 1000);
  return () => {
    clearInterval(look);
    if (isTTY) bar.stop();
  };
}

/** Writes an input with all that is needed to see its fault again. */
function keep({ run, fault, pins, trail }: FailureNote, seed: number, out: string): void {
  const seeds = readSeeds();
  mkdirSync(out, { recursive: true });
  const path = join(out, `fuzz-${seed}-${run}`);
  writeFileSync(`${path}.input`, makeInput(seeds, seed, run).bytes);
  const how = {
    input: `${seed}:${run}`,
    seeds: seeds.digest,
    fault,
    pins,
    trust: trustJson(trustOf(seeds, pins)),
    trail,
  };
  writeFileSync(`${path}.json`, `${JSON.stringify(how, null, 2)}\n`);
  console.error(
    `input ${seed}:${run}: ${fault}; it is kept in ${path}.input, and --only ${seed}:${run} judges it again`,
  );
}

function report(progress: Progress, { seed, jobs }: Plan, seconds: number, out: string): void {
  const { figures, cpuSeconds } = progress;
  const failures = progress.failures.toSorted((a, b) => a.run - b.run);
  for (const failure of failures.slice(0, 20)) keep(failure, seed, out);
  const memory = memoryFigures(progress.memories);
  const growths = memoryFaults(memory);
  for (const fault of growths) console.error(`seed ${seed}: ${fault}`);
  const summary = {
    ...figuresJson(figures, seed),
    memory,
    seed,
    seeds: readSeeds().digest,
    jobs,
    seconds: Math.round(seconds),
    inputsPerSecond: Math.round(figures.runs / seconds),
    inputsPerCpuSecond: Math.round(figures.runs / Math.max(cpuSeconds, 0.001)),
    failed: failures.map(({ run, fault }) => ({ input: `${seed}:${run}`, fault })).slice(0, 20),
    faults: failures.length + growths.length,
  };
  if (summary.faults > 0) process.exitCode = 1;
  console.log(JSON.stringify(summary));
}

async function fuzz(plan: Plan, out: string): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      process.exitCode = 128 + constants.signals[signal];
      stop.abort();
    });
  const progress = noProgress();
  const hide = showProgress(plan, progress);
  const beganMs = performance.now();
  try {
    await fuzzProcesses(plan, progress, stop.signal);
  } finally {
    hide();
  }
  report(progress, plan, (performance.now() - beganMs) / 1000, out);
}

async function verifierOf({ verifier: address }: Plan): Promise<Verifier> {
  return address === undefined ? verifier : ((await import(address)) as { readonly verifier: Verifier }).verifier;
}

async function again(run: number, plan: Plan, out: string): Promise<void> {
  const { seed, limitMs } = plan;
  const seeds = readSeeds();
  mkdirSync(out, { recursive: true });
  const path = join(out, `fuzz-${seed}-${run}.input`);
  const { bytes, trail, ...how } = makeInput(seeds, seed, run);
  writeFileSync(path, bytes);
  // Told before the verdict, which may never come.
  for (const line of trail) console.log(line);
  console.log(`${bytes.length} bytes in ${path}`);
  const options = { seeds, seed, limitMs, oracle: makeOracle(seeds), verifier: await verifierOf(plan) };
  const { outcome, cpuMs, fault } = fuzzOne(run, options);
  console.log(
    JSON.stringify({ input: `${seed}:${run}`, seeds: seeds.digest, ...how, outcome, cpuMs, fault: fault ?? null }),
  );
  if (fault !== undefined) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    "limit-ms": { type: "string", default: "5000" },
    "hang-ms": { type: "string", default: "60000" },
    out: { type: "string", default: join(tmpdir(), "settlement-fuzz") },
    only: { type: "string" },
    verifier: { type: "string" },
  },
});
const [seedOfOnly, run] = values.only?.split(":") ?? [];
const plan: Plan = {
  seed: number(seedOfOnly ?? values.seed, "--seed", 0),
  inputs: number(values.inputs, "--inputs", 1),
  jobs: number(values.jobs, "--jobs", 1),
  limitMs: number(values["limit-ms"], "--limit-ms", 1),
  hangMs: number(values["hang-ms"], "--hang-ms", 1),
  ...(values.verifier === undefined ? {} : { verifier: pathToFileURL(resolve(values.verifier)).href }),
};
if (values.only === undefined) await fuzz(plan, values.out);
else await again(number(run, "--only SEED:NUMBER", 0), plan, values.out);
