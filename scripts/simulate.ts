// Runs whole month-closes of the settlement node under random fault schedules, each of which follows from its seed alone.
//
//   npm run simulate -- --schedules 1000 --seed 1     the schedules of seeds 1 to 1000, on every core
//   npm run simulate -- --only "outage,crowd"         with faults of these kinds alone
//   npm run simulate -- --validators 1                and months proven in all of them, not in a few
//   npm run simulate -- --trace 42                    what happens in the schedule of seed 42, line by line
//
// The last line is one of JSON with the figures. Exit code 1 when a schedule broke a rule; its trace is written to a file.
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { type Databases, openDatabases } from "../test/simulator/database.ts";
import { addTo, emptyFigures, type Figures, figuresJson, merged } from "../test/simulator/figures.ts";
import { deceivingFaults, type TimedFault, timedFaults } from "../test/simulator/plan.ts";
import { type Ran, runSchedule } from "../test/simulator/run-schedule.ts";

/** Seeds that a process takes at once. */
const chunk = 10;

/** See `planOf`. */
interface Wish {
  readonly only: readonly TimedFault[];
  readonly validators?: number | undefined;
}

/** What a process is told. */
interface Order {
  readonly from: number;
  readonly count: number;
  readonly wish: Wish;
}

/** What a process has to say of the seeds it was given. */
interface Done {
  readonly figures: Figures;
  readonly failed: readonly Pick<Ran, "seed" | "violations" | "trace" | "traceHash">[];
}

function number(text: string | undefined, name: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`--${name} takes a whole number from ${least} on, not ${text ?? "nothing"}`);
}

async function runOrder({ from, count, wish }: Order, databases: Databases): Promise<Done> {
  let figures = emptyFigures;
  const failed: Ran[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const beganMs = performance.now();
    const ran = await runSchedule(seed, databases, wish.only, wish.validators);
    figures = addTo(figures, ran, performance.now() - beganMs);
    if (ran.violations.length > 0) failed.push(ran);
  }
  return {
    figures,
    failed: failed.map(({ seed, violations, trace, traceHash }) => ({ seed, violations, trace, traceHash })),
  };
}

/** Runs the seeds that come from the parent process, until it hangs up. */
async function serve(): Promise<void> {
  const databases = await openDatabases();
  const answer = async (order: Order): Promise<void> => void process.send?.(await runOrder(order, databases));
  process.on("message", (order: Order) => void answer(order));
  process.send?.("ready");
}

/** Where the figures of a run are shown while it goes on. */
function progress(total: number): { step(done: number, failed: number): void; stop(): void } {
  if (process.stderr.isTTY) {
    const bar = new SingleBar({ format: "{bar} {value}/{total} schedules, {failed} failed, {eta_formatted} left" });
    bar.start(total, 0, { failed: 0 });
    return { step: (done, failed) => bar.update(done, { failed }), stop: () => bar.stop() };
  }
  let told = 0;
  return {
    step(done, failed) {
      if (done - told < total / 10 && done < total) return;
      told = done;
      console.log(`${done} of ${total} schedules, ${failed} failed`);
    },
    stop: () => undefined,
  };
}

interface Wanted {
  readonly first: number;
  readonly count: number;
  readonly jobs: number;
  readonly stopsAtFirst: boolean;
  readonly wish: Wish;
}

async function runAll({ first, count, jobs, stopsAtFirst, wish }: Wanted): Promise<Done> {
  let figures = emptyFigures;
  const failed: Done["failed"][number][] = [];
  let next = first;
  const shown = progress(count);
  const end = first + count;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(import.meta.filename, ["--serve"]);
      const give = (): void => {
        const from = next;
        next = Math.min(from + chunk, end);
        if (from >= end || (stopsAtFirst && failed.length > 0)) child.disconnect();
        else child.send({ from, count: next - from, wish } satisfies Order);
      };
      child.on("message", (message: Done | "ready") => {
        if (message !== "ready") {
          figures = merged(figures, message.figures);
          failed.push(...message.failed);
          shown.step(figures.schedules, failed.length);
        }
        give();
      });
      child.on("exit", (code) =>
        code === 0 ? resolve() : reject(new Error(`a process ended with ${code ?? "a signal"}`)),
      );
    });
  await Promise.all(Array.from({ length: Math.min(jobs, Math.ceil(count / chunk)) }, one));
  shown.stop();
  return { figures, failed: failed.toSorted((a, b) => a.seed - b.seed) };
}

async function trace(seed: number, { only, validators }: Wish): Promise<void> {
  const databases = await openDatabases();
  const ran = await runSchedule(seed, databases, only, validators);
  await databases.close();
  for (const line of ran.trace) console.log(line);
  console.log(JSON.stringify({ seed, traceHash: ran.traceHash, violations: ran.violations }));
  if (ran.violations.length > 0) process.exitCode = 1;
}

function report({ figures, failed }: Done): void {
  for (const { seed, violations } of failed.slice(0, 20)) console.error(`seed ${seed}: ${violations.join("; ")}`);
  const [worst] = failed;
  if (worst) {
    const path = join(tmpdir(), `simulate-${worst.seed}.trace`);
    writeFileSync(path, `${[...worst.trace, ...worst.violations].join("\n")}\n`);
    console.error(
      `${failed.length} of ${figures.schedules} schedules broke a rule; the first one's trace is in ${path}`,
    );
    process.exitCode = 1;
  }
  console.log(JSON.stringify({ ...figuresJson(figures), failed: failed.map(({ seed }) => seed) }));
}

/** @throws RangeError for what is no number from 0 to 1 */
function share(text: string | undefined): number | undefined {
  const value = Number(text);
  if (text === undefined || (value >= 0 && value <= 1)) return text === undefined ? undefined : value;
  throw new RangeError(`--validators takes a share of the schedules from 0 to 1, not ${text}`);
}

function kinds(text: string): readonly TimedFault[] {
  const all: readonly string[] = [...timedFaults, ...deceivingFaults];
  const named = text.split(",").filter((kind) => kind !== "");
  const unknown = named.find((kind) => !all.includes(kind));
  if (unknown !== undefined)
    throw new RangeError(`--only knows no fault called ${unknown}; there are ${all.join(", ")}`);
  return named as TimedFault[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      schedules: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: String(availableParallelism()) },
      trace: { type: "string" },
      only: { type: "string", default: "" },
      validators: { type: "string" },
      "stop-at-first": { type: "boolean", default: false },
      serve: { type: "boolean", default: false },
    },
  });
  if (values.serve) return serve();
  const wish: Wish = { only: kinds(values.only), validators: share(values.validators) };
  if (values.trace !== undefined) return trace(number(values.trace, "trace", 0), wish);
  const [first, count] = [number(values.seed, "seed", 0), number(values.schedules, "schedules", 1)];
  const jobs = number(values.jobs, "jobs", 1);
  report(await runAll({ first, count, jobs, wish, stopsAtFirst: values["stop-at-first"] }));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = error instanceof RangeError ? 2 : 70;
}
