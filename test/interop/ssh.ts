import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Files } from "../support/build-ledger.ts";

/** Tool of OpenSSH that makes keys, signs and verifies. */
export const sshKeygen: string = "ssh-keygen";

const [installer, packages] = ["apt-get", ["git", "openssh-client"]] as const;
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";

/** Where Git and OpenSSH ask for nobody's settings. */
const quiet = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", LC_ALL: "C" };

function isThere(): boolean {
  // ssh-keygen has no flag for its version; signing came with OpenSSH 8.0.
  const keygen = spawnSync(sshKeygen, ["-Y", "check-novalidate"], { encoding: "utf8" });
  return (
    spawnSync("git", ["--version"]).status === 0 && !keygen.error && !/(?:illegal|unknown) option/.test(keygen.stderr)
  );
}

function apt(...args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(installer, args, { env, stdio: ["ignore", 2, 2] }).status === 0;
}

/**
 * Why the tests that need Git and OpenSSH are skipped; undefined where both are installed, perhaps by this call.
 *
 * @throws Error in CI, where they must be
 */
export function whyNoSsh(): string | undefined {
  if (isThere()) return undefined;
  const install = ["install", "-y", "-q", "--no-install-recommends", ...packages];
  if (process.getuid?.() === 0 && !apt(...install) && apt("update", "-q")) apt(...install);
  if (isThere()) return undefined;
  const what = `Git or OpenSSH is not installed (Debian's ${packages.join(" and ")})`;
  if (isCi) throw new Error(`${what}, and in CI these tests may not be skipped`);
  console.warn(`${what}: the tests that need them are skipped`);
  return what;
}

export interface ToolAnswer {
  readonly status: number | null;
  readonly text: string;
}

/** What a program answers, its two outputs together. */
export function tool(program: string, args: readonly string[], input = "", cwd?: string): ToolAnswer {
  const env = { ...process.env, ...quiet };
  const { status, stdout, stderr } = spawnSync(program, args, {
    input,
    env,
    encoding: "utf8",
    ...(cwd ? { cwd } : {}),
  });
  return { status, text: stdout + stderr };
}

/** A repository of its own whose commits are made as a test wants them. */
export interface Repository {
  readonly dir: string;
  /** Standard output. @throws Error when git fails */
  git(...args: readonly string[]): string;
  write(files: Files): void;
  /** Commits everything; signed by the private key file, if one is given. @returns the id */
  commit(message: string, key?: string): string;
}

export function repository(dir: string): Repository {
  mkdirSync(dir, { recursive: true });
  const people = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  const git = (...args: readonly string[]): string =>
    execFileSync("git", [...people, ...args], {
      cwd: dir,
      env: { ...process.env, ...quiet },
      encoding: "utf8",
      stdio: "pipe",
    });
  git("init", "-q", "-b", "main");
  return {
    dir,
    git,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(dir, dirname(path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
    },
    commit(message, key) {
      git("add", "-A");
      const signing = key === undefined ? [] : ["-c", "gpg.format=ssh", "-c", `user.signingkey=${key}`];
      git(...signing, "commit", "-q", "--allow-empty", ...(key === undefined ? [] : ["-S"]), "-m", message);
      return git("rev-parse", "HEAD").trim();
    },
  };
}
