import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The command line of this checkout. */
export const program: string = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly "working-directory"?: string;
}

export interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(path: string): Workflow {
  return parse(readFileSync(path, "utf8")) as Workflow;
}

/** The steps of a workflow that run a script, by name. */
export function scriptsOf({ jobs }: Workflow): ReadonlyMap<string | undefined, Step> {
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return new Map(steps.filter(({ run }) => run !== undefined).map((step) => [step.name, step]));
}

export interface Runner {
  /** Home, `bin/` and the runner's temporary folder are in here. */
  readonly folder: string;
  /** Where the steps run: what a runner calls its workspace. */
  readonly workspace: string;
  /** Values of the expressions. */
  readonly values: Readonly<Record<string, string>>;
  /** What overrides the environment of a step. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface StepAnswer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Puts programs in place of those that a runner would fetch: `settlement` is this checkout, `npm` only says what it was asked. */
export function makeRunner(folder: string): void {
  const write = (name: string, text: string): void => {
    const path = join(folder, "bin", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };
  write("npm", 'echo "npm $*"');
  write("settlement", `exec "${process.execPath}" "${program}" "$@"`);
  mkdirSync(join(folder, "temp"), { recursive: true });
}

/** Runs a step as a runner of GitHub does: its expressions replaced by the values here, its script by bash. */
export function runStep(step: Step | undefined, runner: Runner): Promise<StepAnswer> {
  const { folder, workspace, values } = runner;
  const temp = join(folder, "temp");
  const known: Readonly<Record<string, string>> = { "runner.temp": temp, ...values };
  const valued = (text: string): string =>
    text.replaceAll(/\$\{\{ ([^}]+) \}\}/g, (_, expression: string) => {
      const found = expression.split(" || ").map((name) => known[name.trim()] ?? "");
      return found.find((value) => value !== "") ?? "";
    });
  const own = Object.fromEntries(Object.entries(step?.env ?? {}).map(([name, text]) => [name, valued(text)]));
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    RUNNER_TEMP: temp,
    ...own,
    ...runner.env,
  };
  const cwd = join(workspace, valued(step?.["working-directory"] ?? "."));
  const script = ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? "false"];
  return new Promise((resolve, reject) => {
    execFile("bash", script, { cwd, env, maxBuffer: 2 ** 26 }, (error, out, err) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ status: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}
