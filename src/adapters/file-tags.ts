import { type BigIntStats, lstatSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { SettlementError } from "../core/error.ts";
import { type GitRun, runGit, withoutFilters } from "./git-command.ts";
import { objectTag } from "./git-tree.ts";

/** A file that was changed more recently than this may be changed again without showing it, milliseconds. */
const settledMs = 2000;

/** Attributes by which git gives a work tree other bytes than it stores. */
const converting = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"];

/** What a file system says of a file: another text whenever its bytes may be others. */
export function statText({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `file ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** Of a plain file; undefined for everything else. */
export function statOf(path: string): BigIntStats | undefined {
  const facts = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return facts?.isFile() === true ? facts : undefined;
}

/**
 * Tags of plain files of a folder: by git's objects for those that a repository stores as they are and that are unchanged,
 * by what the file system says of them for all others.
 */
export async function folderTags(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const objects = await storedObjects(root, paths);
  const beforeMs = Date.now() - settledMs;
  const tags = new Map<string, string>();
  for (const path of paths) {
    const facts = statOf(join(root, path));
    if (!facts) continue;
    const objectId = objects.get(path);
    if (objectId !== undefined) tags.set(path, objectTag(objectId, Number(facts.size)));
    else if (facts.ctimeMs < beforeMs) tags.set(path, statText(facts));
  }
  return tags;
}

/** Objects that hold the very bytes of files, by path below the folder. */
async function storedObjects(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const prefix = await prefixIn(root);
  const lineEnds = (await gitText(root, ["config", "--get", "core.autocrlf"]))?.trim() ?? "false";
  if (prefix === undefined || lineEnds !== "false") return new Map();
  const folder = paths.every((path) => path.startsWith("ledger/")) ? "ledger" : ".";
  const listing = ["ls-files", "--stage", "-v", "-z", "--", folder];
  const listed = await gitText(root, listing);
  const objects = objectsIn(listed ?? "");
  const odd = [await changedIn(root, prefix, folder), await convertedAmong(root, [...objects.keys()])];
  // Whoever adds files meanwhile would have one object taken for another.
  if (odd.includes(undefined) || (await gitText(root, listing)) !== listed) return new Map();
  for (const path of odd.flatMap((found) => found ?? [])) objects.delete(path);
  return objects;
}

/** Files that are not as git knows them. */
async function changedIn(root: string, prefix: string, folder: string): Promise<readonly string[] | undefined> {
  const flags = ["--porcelain=v1", "-z", "-uno", "--no-renames", "--ignore-submodules=all"];
  const status = await gitText(root, ["status", ...flags, "--", folder], { env: await withoutFilters(root) });
  const changed = status?.split("\0").filter((line) => line[1] !== " " && line.slice(3).startsWith(prefix));
  return changed?.map((line) => line.slice(3 + prefix.length));
}

/** Files to which git gives other bytes in a work tree than it stores. */
async function convertedAmong(root: string, paths: readonly string[]): Promise<readonly string[] | undefined> {
  const stdin = paths.join("\0");
  const text = await gitText(root, ["check-attr", "-z", "--stdin", ...converting], { stdin });
  const told = text?.split("\0");
  // Path, attribute and value, one after the other.
  return told?.filter((_, at) => at % 3 === 0 && !["unspecified", "unset", undefined].includes(told[at + 2]));
}

/** Where a folder is in the work tree of its repository; undefined when it is in none, or that work tree is elsewhere. */
async function prefixIn(root: string): Promise<string | undefined> {
  const where = await gitText(root, ["rev-parse", "--is-inside-work-tree", "--show-prefix", "--show-toplevel"]);
  const [isInside, prefix = "", top = ""] = (where ?? "").split("\n");
  return isInside === "true" && realpathSync(root) === resolve(realpathSync(top), prefix) ? prefix : undefined;
}

/** Objects by path, as git lists them: what it is told to take for unchanged has another letter, what is in conflict another number. */
function objectsIn(listed: string): Map<string, string> {
  const objects = new Map<string, string>();
  for (const line of listed.split("\0")) {
    const match = /^H 100(?:644|755) ([0-9a-f]{40,64}) 0\t(.+)$/s.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) objects.set(match[2], match[1]);
  }
  return objects;
}

/** Files are compared by all that the file system says of them, whatever the repository would have. */
const strict = ["-c", "core.trustctime=true", "-c", "core.checkStat=default"];

async function gitText(root: string, args: readonly string[], run: GitRun = {}): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runGit(root, [...strict, ...args], run);
    return exitCode === 0 ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof SettlementError && error.code === "GIT_UNAVAILABLE") return undefined;
    throw error;
  }
}
