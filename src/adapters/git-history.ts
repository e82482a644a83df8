import { SettlementError } from "../core/error.ts";
import type { CommitRange, FileTree, RangeCommit } from "../ports.ts";
import { type GitRun, runGit, withoutFilters } from "./git-command.ts";
import { gitTree } from "./git-tree.ts";

/** A range of more commits is refused: no pull request has them. */
const maxCommits = 2000;

/** Listings of commits that are kept: the parents of a commit were read shortly before it. */
const keptTrees = 8;

/**
 * The commits that HEAD has and a base does not, seen from a folder of the work tree.
 *
 * @param dir - a folder in the work tree of a repository, or the repository itself
 * @param base - a branch, tag or commit, as in `main`, `origin/main` or `HEAD~1`
 * @param head - another commit than HEAD, whatever the work tree holds
 * @throws SettlementError `GIT_REF_MALFORMED`, `GIT_REF_UNKNOWN`, `GIT_NOT_A_REPOSITORY`, `GIT_UNAVAILABLE`,
 *   `LEDGER_UNREADABLE`, `CONFIG_INVALID` for a range of too many commits
 */
export async function gitHistory(dir: string, base: string, head?: string): Promise<CommitRange> {
  const baseTree = await gitTree(dir, base);
  const [baseId, headId] = [await commitId(dir, base), await commitId(dir, head ?? "HEAD")];
  const prefix = (await gitText(dir, ["rev-parse", "--show-prefix"])).replace(/\n$/, "");
  const graph = await rangeOf(dir, base, [headId, `^${baseId}`]);
  const changed = await changesOf(dir, prefix, graph);
  const trees = new Map<string, Promise<FileTree>>();
  return {
    commits: graph.map(({ id, parents }) => ({ id, parents, changed: changed.get(id) ?? [] })),
    base: baseTree,
    treeAt(id) {
      const found = trees.get(id) ?? gitTree(dir, id);
      trees.delete(id);
      trees.set(id, found);
      const oldest = trees.size > keptTrees ? trees.keys().next().value : undefined;
      if (oldest !== undefined) trees.delete(oldest);
      return found;
    },
    object: (id) => gitBytes(dir, ["cat-file", "commit", id]),
    uncommitted: () => (head === undefined ? uncommittedIn(dir, prefix) : Promise.resolve([])),
  };
}

type Node = Pick<RangeCommit, "id" | "parents">;

/** Parents before children. */
async function rangeOf(dir: string, base: string, range: readonly string[]): Promise<Node[]> {
  const limit = `--max-count=${maxCommits + 1}`;
  const text = await gitText(dir, ["rev-list", "--topo-order", "--reverse", "--parents", limit, ...range]);
  const graph = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "))
    .map(([id = "", ...parents]) => ({ id, parents }));
  if (graph.length <= maxCommits) return graph;
  throw new SettlementError(
    "CONFIG_INVALID",
    `--base ${base} is more than ${maxCommits} commits before HEAD; name the commit that the change is based on`,
  );
}

/** For each commit the paths below the folder that are not as in any of its parents; relative to the folder. */
async function changesOf(dir: string, prefix: string, graph: readonly Node[]): Promise<Map<string, readonly string[]>> {
  // A line names a commit and the one parent it is compared with; without a parent all its files are new.
  const pairs = graph.flatMap(({ id, parents }) =>
    parents.length === 0 ? [id] : parents.map((each) => `${id} ${each}`),
  );
  const how = ["--stdin", "--root", "--always", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"];
  const below = prefix === "" ? [] : ["--", `:(top,literal)${prefix}`];
  const output = await gitText(dir, ["diff-tree", ...how, ...below], pairs.map((line) => `${line}\n`).join(""));
  const comparisons = comparisonsIn(output, prefix);
  if (comparisons.length !== pairs.length) throw unreadable("git compared other commits than it was asked to");
  const changes = new Map<string, readonly string[]>();
  for (const [at, { id, paths }] of comparisons.entries()) {
    if (!pairs[at]?.startsWith(id)) throw unreadable("git compared the commits in another order");
    const before = changes.get(id);
    changes.set(id, before ? before.filter((path) => paths.has(path)) : [...paths]);
  }
  return changes;
}

interface Comparison {
  readonly id: string;
  readonly paths: Set<string>;
}

/** `<commit>`, then for each file `:<modes, ids and status>` and its path; everything ends in NUL, or the id in a line feed. */
function comparisonsIn(output: string, prefix: string): Comparison[] {
  const found: Comparison[] = [];
  let isPath = false;
  for (const part of output.split("\0")) {
    if (isPath) {
      if (part.startsWith(prefix)) found.at(-1)?.paths.add(part.slice(prefix.length));
      isPath = false;
      continue;
    }
    const words = part.split("\n");
    for (const word of words) {
      if (/^[0-9a-f]{40,64}$/.test(word)) found.push({ id: word, paths: new Set() });
      else if (/^:\d{6} \d{6} [0-9a-f]{40,64} [0-9a-f]{40,64} [A-Z]$/.test(word)) isPath = true;
      else if (word !== "") throw unreadable(`git printed ${JSON.stringify(word.slice(0, 80))}`);
    }
  }
  return found;
}

/** Paths below the folder that are not as HEAD has them, relative to the folder. */
async function uncommittedIn(dir: string, prefix: string): Promise<readonly string[]> {
  const how = ["--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching"];
  const status = ["status", ...how, "--ignore-submodules=all", "--", "."];
  const text = await gitText(dir, status, { env: await withoutFilters(dir) });
  const paths = text.split("\0").map((line) => line.slice(3));
  return paths.filter((path) => path !== "" && path.startsWith(prefix)).map((path) => path.slice(prefix.length));
}

async function commitId(dir: string, ref: string): Promise<string> {
  const { exitCode, stdout } = await runGit(dir, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${ref}^{commit}`,
  ]);
  const id = Buffer.from(stdout).toString("latin1").trim();
  if (exitCode === 0 && /^[0-9a-f]{40,64}$/.test(id)) return id;
  throw new SettlementError("GIT_REF_UNKNOWN", `the repository of ${dir} knows no commit ${ref}; fetch it first`);
}

async function gitText(dir: string, args: readonly string[], run: string | GitRun = ""): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await gitBytes(dir, args, run));
}

async function gitBytes(dir: string, args: readonly string[], run: string | GitRun = ""): Promise<Uint8Array> {
  const { exitCode, stdout, stderr } = await runGit(dir, args, run);
  if (exitCode !== 0) throw unreadable(stderr.split("\n")[0]?.slice(0, 300) ?? "");
  return new Uint8Array(stdout);
}

function unreadable(why: string): SettlementError {
  return new SettlementError(
    "LEDGER_UNREADABLE",
    `git cannot read the commits: ${why}; fetch the whole history and try again`,
  );
}
