import { spawn } from "node:child_process";
import { SettlementError } from "../core/error.ts";
import { killGroup } from "./child-program.ts";
import { errnoOf } from "./file-system.ts";

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** How one run of git differs from others. */
export interface GitRun {
  readonly stdin?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Git and all it started is killed after so long, and exits with -1. It has no terminal to ask at then. */
  readonly timeoutMs?: number;
}

/** Which repository is read is said by the folder alone, also below a hook of another one. */
const ofOtherRepositories: ReadonlySet<string> = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** Nothing that is in a folder runs, and files of it that look like a repository are none. */
const careful = ["core.fsmonitor=false", "core.hooksPath=/dev/null", "safe.bareRepository=explicit"].flatMap(
  (setting) => ["-c", setting],
);

/**
 * Runs git in a folder, without a shell, without network and without objects that `refs/replace` puts in others' places.
 *
 * @throws SettlementError `GIT_UNAVAILABLE` when git cannot be started
 */
export function runGit(folder: string, args: readonly string[], run: string | GitRun = {}): Promise<GitAnswer> {
  const { stdin = "", env: more = {}, timeoutMs }: GitRun = typeof run === "string" ? { stdin: run } : run;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofOtherRepositories.has(name)));
  const quiet = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", GIT_OPTIONAL_LOCKS: "0" };
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => reject(unavailable(folder, cause));
    const child = spawn("git", ["--no-replace-objects", ...careful, "-C", folder, ...args], {
      env: { ...env, ...quiet, ...more },
      detached: timeoutMs !== undefined,
    });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => killGroup(child.pid), timeoutMs);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", refuse);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? -1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString().trim() });
    });
    // Git may end before it has read everything; its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
  });
}

/** Settings for one run, in its environment: nobody sees them there, and a name may have any character. */
export function gitSettings(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const before = Number(process.env["GIT_CONFIG_COUNT"] ?? "0") || 0;
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(before + settings.length) };
  for (const [at, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${before + at}`] = key;
    env[`GIT_CONFIG_VALUE_${before + at}`] = value;
  }
  return env;
}

/** The environment in which no program that the repository names turns files into what is compared. */
export async function withoutFilters(dir: string): Promise<Readonly<Record<string, string>>> {
  const pattern = "^filter\\..*\\.(clean|process|required)$";
  const { stdout } = await runGit(dir, ["config", "-z", "--name-only", "--get-regexp", pattern]);
  const names = Buffer.from(stdout).toString("utf8").split("\0");
  const filters = new Set(names.filter((name) => name !== "").map((name) => name.slice(0, name.lastIndexOf("."))));
  return gitSettings(
    [...filters].flatMap((filter) => [
      [`${filter}.clean`, ""],
      [`${filter}.process`, ""],
      [`${filter}.required`, "false"],
    ]),
  );
}

function unavailable(folder: string, cause: Error): SettlementError {
  const why = errnoOf(cause) === "ENOENT" ? "it is not installed or not on the PATH" : cause.message;
  return new SettlementError("GIT_UNAVAILABLE", `git cannot be run for ${folder}: ${why}; install git and try again`, {
    cause,
  });
}
