import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A `settlement` process of its own. */
export interface Running {
  readonly child: ChildProcess;
  /** Everything it wrote, for whoever looks into a failure. */
  readonly output: () => string;
  /** Resolves to the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Where Node keeps what it made of a module, so that the next process starts in half the time. */
export const compiledModules: string = fileURLToPath(new URL("../../node_modules/.cache/node", import.meta.url));

/** Starts `settlement` with arguments, its environment that of this process without its own variables. */
export function start(args: readonly string[]): Running {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("SETTLEMENT_"));
  const env = { ...Object.fromEntries(own), NODE_COMPILE_CACHE: compiledModules };
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output = (output + text).slice(-200_000);
    });
  }
  const ended = once(child, "exit").then(([code, signal]: unknown[]) => (code as number | null) ?? (signal as string));
  return { child, output: () => output, ended };
}

/** Resolves when a process has written so many lines from now on. */
export function afterLines({ child }: Running, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    child.stdout?.on("data", (text: string) => {
      left -= text.split("\n").length - 1;
      if (left <= 0) resolve();
    });
  });
}

/** The first line of a process's standard output, as JSON. */
export async function firstJsonLine({ child, ended, output }: Running): Promise<Record<string, unknown>> {
  if (child.stdout === null) throw new TypeError("no standard output");
  const lines = createInterface(child.stdout);
  const line = await Promise.race([
    once(lines, "line").then(([text]: unknown[]) => String(text)),
    ended.then((code) => {
      throw new Error(`the process ended with ${code}: ${output()}`);
    }),
  ]);
  lines.close();
  child.stdout.resume();
  return JSON.parse(line) as Record<string, unknown>;
}

/** Ends a process at once, wherever it is. */
export async function kill(running: Running): Promise<void> {
  running.child.kill("SIGKILL");
  await running.ended;
}
