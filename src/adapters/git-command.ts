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

/**
 * Runs git in a folder, without a shell, without network and without objects that `refs/replace` puts in others' places.
 *
 * @throws SettlementError `GIT_UNAVAILABLE` when git cannot be started
 */
export function runGit(folder: string, args: readonly string[], run: string | GitRun = {}): Promise<GitAnswer> {
  const { stdin = "", env: more = {}, timeoutMs }: GitRun = typeof run === "string" ? { stdin: run } : run;
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, GIT_PREFIX: _prefix, ...env } = process.env;
  const quiet = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", GIT_OPTIONAL_LOCKS: "0" };
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => reject(unavailable(folder, cause));
    const child = spawn("git", ["--no-replace-objects", "-C", folder, ...args], {
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

function unavailable(folder: string, cause: Error): SettlementError {
  const why = errnoOf(cause) === "ENOENT" ? "it is not installed or not on the PATH" : cause.message;
  return new SettlementError("GIT_UNAVAILABLE", `git cannot be run for ${folder}: ${why}; install git and try again`, {
    cause,
  });
}
