import { lstatSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { SettlementError } from "../core/error.ts";
import { runGit, withoutFilters } from "./git-command.ts";
import { objectTag } from "./git-tree.ts";

/** A file that was changed more recently than this may be changed again without showing it, milliseconds. */
const settledMs = 2000;

/**
 * Tags of plain files of a folder: by git's objects for those that a repository knows and that are unchanged, by what the
 * file system says of them for all others.
 */
export async function folderTags(
  root: string,
  paths: readonly string[],
  sinceUnixMs = Infinity,
): Promise<ReadonlyMap<string, string>> {
  const objects = await indexedObjects(root);
  const beforeMs = Date.now() - settledMs;
  const tags = new Map<string, string>();
  for (const path of paths) {
    const objectId = objects.get(path);
    const facts = lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false });
    if (!facts?.isFile() || facts.ctimeMs >= sinceUnixMs) continue;
    const tag = objectId === undefined ? statTag(facts, beforeMs) : objectTag(objectId, Number(facts.size));
    if (tag !== undefined) tags.set(path, tag);
  }
  return tags;
}

function statTag(facts: BigIntStats, beforeMs: number): string | undefined {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = facts;
  return ctimeMs < beforeMs ? `file ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}` : undefined;
}

/** Objects of files that git knows and that were not touched, by path below the folder. */
async function indexedObjects(root: string): Promise<ReadonlyMap<string, string>> {
  const prefix = await gitText(root, ["rev-parse", "--show-prefix"]);
  if (prefix === undefined) return new Map();
  const env = await withoutFilters(root);
  const changes = ["status", "--porcelain=v1", "-z", "-uno", "--no-renames", "--ignore-submodules=all", "--", "."];
  const [listed, status] = await Promise.all([
    gitText(root, ["ls-files", "--stage", "-v", "-z", "--", "."]),
    gitText(root, changes, env),
  ]);
  if (listed === undefined || status === undefined) return new Map();
  const start = prefix.replace(/\n$/, "");
  const objects = new Map<string, string>();
  for (const line of listed.split("\0")) {
    // What is marked to be taken as unchanged has another letter; what is in conflict, another number.
    const match = /^H 100(?:644|755) ([0-9a-f]{40,64}) 0\t(.+)$/s.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) objects.set(match[2], match[1]);
  }
  for (const line of status.split("\0")) {
    const path = line.slice(3);
    if (line[1] !== " " && path.startsWith(start)) objects.delete(path.slice(start.length));
  }
  return objects;
}

async function gitText(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runGit(root, args, { env });
    return exitCode === 0 ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (error instanceof SettlementError && error.code === "GIT_UNAVAILABLE") return undefined;
    throw error;
  }
}
