import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyFigures, type Figures, merged } from "./figures.ts";
import type { FailureNote } from "./fuzz-range.ts";
import { makeInput } from "./make-input.ts";
import { type MemoryWatch, watchMemory } from "./memory.ts";
import { readSeeds } from "./seeds.ts";
import type { Share, Slice } from "./worker.ts";

export interface Plan {
  readonly seed: number;
  readonly inputs: number;
  readonly jobs: number;
  /** Most time of the thread that a verdict may take. */
  readonly limitMs: number;
  /** A process that is at one input for so long hangs; the machine may have other things to do. */
  readonly hangMs: number;
  readonly verifier?: string;
}

/** What the processes have come to so far. */
export interface Progress {
  figures: Figures;
  readonly failures: FailureNote[];
  /** One a process. */
  readonly memories: MemoryWatch[];
  cpuSeconds: number;
}

const lookMs = 250;
/** Heap of a process: the largest input takes a fraction of it, and garbage is not left to pile up. */
const heapMiB = 256;
/** A verifier that kills a process so often needs no further proof. */
const mostLosses = 5;

/** Who judges, and what is kept between verdicts. */
const execArgv = [
  "--expose-gc",
  `--max-old-space-size=${heapMiB}`,
  `--import=${new URL("remember-signatures.ts", import.meta.url).href}`,
];

/** The run that a process is at; undefined before its first. */
function runAt(place: string): number | undefined {
  const bytes = readFileSync(place, { flag: "a+" });
  return bytes.length === 8 ? new Float64Array(Uint8Array.from(bytes).buffer)[0] : undefined;
}

interface Loss {
  readonly run: number;
  readonly fault: string;
}

/** A process at work. Resolves to the input that it hung or died at, undefined when it came to its end. */
function work(
  child: ChildProcess,
  share: Share,
  hangMs: number,
  heard: (slice: Slice) => void,
): Promise<Loss | undefined> {
  return new Promise((resolve, reject) => {
    let [at, since, hangs] = [runAt(share.place), performance.now(), false];
    const watch = setInterval(() => {
      const run = runAt(share.place);
      if (run !== at || run === undefined) [at, since] = [run, performance.now()];
      hangs = performance.now() - since >= hangMs;
      if (hangs) child.kill("SIGKILL");
    }, lookMs);
    let isDone = false;
    child.on("message", (slice: Slice) => {
      since = performance.now();
      isDone = slice.next >= share.inputs;
      heard(slice);
    });
    // Unlike `exit` this waits for what the process said last.
    child.once("close", (code, signal) => {
      clearInterval(watch);
      const run = runAt(share.place);
      const how = hangs ? `hang: no verdict within ${hangMs} ms` : `the process died: ${signal ?? `exit code ${code}`}`;
      if (run !== undefined && !isDone) resolve({ run, fault: how });
      else if (isDone || child.killed) resolve(undefined);
      else reject(new Error(`a process died before its first input: ${signal ?? `exit code ${code}`}`));
    });
    child.send(share);
  });
}

/** All runs of one share: in one process, or in several where some do not come to their end. */
async function workOff(share: Share, { hangMs }: Plan, progress: Progress, stop: AbortSignal): Promise<void> {
  let [from, skip]: [number, readonly number[]] = [share.from, []];
  const script = fileURLToPath(new URL("worker.ts", import.meta.url));
  while (skip.length < mostLosses && !stop.aborted) {
    rmSync(share.place, { force: true });
    const memory = watchMemory(Math.ceil((share.inputs - from) / share.jobs));
    progress.memories.push(memory);
    const child = fork(script, { execArgv });
    const kill = (): boolean => child.kill("SIGKILL");
    stop.addEventListener("abort", kill);
    const loss = await work(child, { ...share, from, skip }, hangMs, (slice) => {
      memory.see(slice);
      from = slice.next;
      progress.figures = merged(progress.figures, slice.figures);
      progress.failures.push(...slice.failures);
      progress.cpuSeconds += slice.cpuSeconds;
    });
    stop.removeEventListener("abort", kill);
    if (!loss || stop.aborted) return;
    const { pins, trail } = makeInput(readSeeds(), share.seed, loss.run);
    progress.failures.push({ ...loss, pins, trail });
    skip = [...skip, loss.run];
  }
}

/** Fuzzes in processes of their own, so that none can take the others with it. @param stop - ends them early */
export async function fuzzProcesses(plan: Plan, progress: Progress, stop: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "settlement-fuzz-"));
  const { seed, limitMs, inputs, verifier } = plan;
  const jobs = Math.min(plan.jobs, inputs);
  const shares = Array.from({ length: jobs }, (_, from): Share => {
    const share = { seed, limitMs, inputs, jobs, from, skip: [], place: join(folder, String(from)) };
    return verifier === undefined ? share : { ...share, verifier };
  });
  try {
    await Promise.all(shares.map((share) => workOff(share, plan, progress, stop)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function noProgress(): Progress {
  return { figures: emptyFigures, failures: [], memories: [], cpuSeconds: 0 };
}
