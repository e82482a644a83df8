import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What one process measured. */
export interface Run {
  readonly ms: number;
  readonly peakMb: number;
  /** What shows that it did what it was asked for. */
  readonly outcome: string;
}

/** Most memory of this process so far. What `getrusage` says counts the process that started it as well. */
export function peakMb(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}

const published = fileURLToPath(new URL("published.ts", import.meta.url));

/** Runs a script beside this one over the published package. @returns what it writes */
export async function runScript(script: string, task: object): Promise<string> {
  return (await promisify(execFile)(process.execPath, [published, script, JSON.stringify(task)])).stdout;
}

/**
 * Runs a task in a process of its own, so that its memory is its own; modules are loaded before its clock starts.
 *
 * @param script - beside this one; it hands {@link measured} its task
 */
export async function runTask(script: string, task: object): Promise<Run> {
  return JSON.parse(await runScript(script, task)) as Run;
}

/**
 * Does the task that this process was started with, and prints what came of it.
 *
 * @param work - resolves to the outcome, and to the time where that is not the time it took
 */
export async function measured<T>(
  work: (task: T) => Promise<{ readonly outcome: string; readonly ms?: number }>,
): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? "{}") as T;
  const beganMs = performance.now();
  const { outcome, ms = performance.now() - beganMs } = await work(task);
  const run: Run = { ms, peakMb: peakMb(), outcome };
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
