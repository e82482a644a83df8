import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { SettlementError } from "../core/error.ts";
import { errnoOf } from "./file-system.ts";
import { runGit } from "./git-command.ts";

/** A secret and the file it goes to. */
export interface SecretFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Refuses a path at which git keeps a file, or would with the next `git add`.
 *
 * @throws SettlementError `SECRET_NEAR_GIT`; `GIT_UNAVAILABLE` where git cannot say it; `OUTPUT_UNWRITABLE` without a folder
 */
export async function refuseTrackedPath(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      `${path} cannot be written: its folder does not exist; make it first`,
    );
  }
  if (!(await isInWorkTree(folder, path))) return;
  // Git says of a file that it keeps that it is not ignored, whatever .gitignore says.
  const { exitCode } = await runGit(folder, ["check-ignore", "-q", "--", `./${basename(path)}`]);
  if (exitCode === 0) return;
  throw near(path, "is in the work tree of a git repository that does not ignore it");
}

async function isInWorkTree(folder: string, path: string): Promise<boolean> {
  const { exitCode, stdout, stderr } = await askGit(folder);
  if (exitCode === 0) return Buffer.from(stdout).toString("latin1").trim() === "true";
  if (/not a git repository/.test(stderr) && !hasGitAbove(folder)) return false;
  throw near(path, "is in a git repository that git does not want to read here");
}

async function askGit(folder: string): ReturnType<typeof runGit> {
  try {
    return await runGit(folder, ["rev-parse", "--is-inside-work-tree"]);
  } catch (error) {
    // Without git there may still be a repository; where there is none, git is not needed.
    if (!(error instanceof SettlementError) || hasGitAbove(folder)) throw error;
    return { exitCode: 128, stdout: new Uint8Array(), stderr: "not a git repository" };
  }
}

function hasGitAbove(folder: string): boolean {
  if (existsSync(`${folder}/.git`)) return true;
  const parent = dirname(folder);
  return parent !== folder && hasGitAbove(parent);
}

function near(path: string, what: string): SettlementError {
  return new SettlementError(
    "SECRET_NEAR_GIT",
    `${path} ${what}: a key that is committed once is public for ever; choose a path outside of it, such as one below ~/.config`,
  );
}

/**
 * Writes secrets to new files of mode 0600: all of them, or none.
 *
 * @throws SettlementError `OUTPUT_UNWRITABLE`, also where a file is there already, which stays as it is
 */
export function writeSecrets(files: readonly SecretFile[]): void {
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      writeFileSync(path, text, { mode: 0o600, flag: "wx", flush: true });
      written.push(path);
    }
  } catch (cause) {
    const path = files[written.length]?.path ?? "";
    const isThere = errnoOf(cause) === "EEXIST";
    // One that could not be written to its end is there in part.
    for (const begun of isThere ? written : [...written, path]) rmSync(begun, { force: true });
    const why = isThere
      ? "is there already, and a key is never overwritten; choose another path"
      : "cannot be written; check its folder, its permissions and the space on its disk";
    throw new SettlementError("OUTPUT_UNWRITABLE", `${path} ${why}`, { cause });
  }
}
