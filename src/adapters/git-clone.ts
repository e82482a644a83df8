import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SettlementError } from "../core/error.ts";
import { errnoOf } from "./file-system.ts";
import { type GitAnswer, type GitRun, runGit } from "./git-command.ts";
import { inert } from "./git-remote.ts";

/** Who the commits of a node are by. */
export interface Committer {
  readonly name: string;
  readonly email: string;
}

/** A clone with a work tree. No file of it is ever run, filtered or followed. */
export interface GitClone {
  readonly dir: string;
  readonly gitDir: string;
  /**
   * Ends what a killed run had begun. Whoever calls has the clone for itself.
   *
   * @throws SettlementError `GIT_CLONE_UNFIT` when the work tree is not that of the branch, or was changed
   */
  recover(): Promise<void>;
  /** The commit a ref names; undefined where there is none. */
  commit(ref: string): Promise<string | undefined>;
  /** Points a ref of the clone at a commit; durable. */
  point(ref: string, commit: string): Promise<void>;
  forget(ref: string): Promise<void>;
  isAncestor(earlier: string, later: string): Promise<boolean>;
  /** A commit that has what both have. @throws SettlementError `GIT_MERGE_CONFLICT` */
  join(parents: readonly [string, ...string[]], ours: string, theirs: string): Promise<string>;
  /** Makes HEAD and the work tree those of a commit. Files that are in no commit stay. A kill in between is made good when the clone is opened. */
  moveTo(commit: string): Promise<void>;
  /** Commits files of the work tree; undefined where HEAD has them all as they are. */
  keep(paths: readonly string[], message: string): Promise<string | undefined>;
  /** Value of a setting of the clone. */
  setting(name: string): Promise<string | undefined>;
}

/** No settings of a user or a machine: they may name filters, hooks and merge drivers. */
const own = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", GIT_LFS_SKIP_SMUDGE: "1" };

/** Bytes in the work tree are those of the commits, whatever `.gitattributes` says; it has precedence over those. */
const attributes = "* -text -filter -ident -working-tree-encoding -merge\n";

/** Where HEAD is going; there as long as HEAD, index and work tree may differ. */
const movingRef = "refs/settlement/moving";

/**
 * Opens the clone in a folder, made when the folder is empty or not there.
 *
 * @param branch - the branch of its work tree
 * @throws SettlementError `GIT_CLONE_UNFIT`, `GIT_UNAVAILABLE`
 */
export async function openClone(dir: string, branch: string, by: Committer): Promise<GitClone> {
  const folder = resolve(dir);
  const run = (args: readonly string[], how: GitRun = {}): Promise<GitAnswer> =>
    runGit(folder, [...inert, "-c", "merge.renames=false", ...args], {
      ...how,
      env: { GIT_CEILING_DIRECTORIES: dirname(folder), ...own, ...how.env },
    });
  const git = async (args: readonly string[], how: GitRun = {}): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(args, how);
    if (exitCode !== 0) throw unfit(dir, stderr.split("\n")[0]?.slice(0, 300) ?? "");
    return new TextDecoder().decode(stdout).trimEnd();
  };
  await prepare(folder, branch, git);
  const gitDir = await git(["rev-parse", "--absolute-git-dir"]);
  writeAttributes(dir, gitDir);
  return cloneOf({ dir: folder, gitDir, branch, run, git, by });
}

/** Is the work tree as HEAD and the branch have it? */
async function requireOwn({ dir, branch, git }: Parts): Promise<void> {
  const onBranch = await git(["symbolic-ref", "--short", "--quiet", "HEAD"]).catch(() => "no branch");
  if (onBranch !== branch) throw unfit(dir, `its work tree is on ${onBranch}, not on ${branch}: check that out`);
  const changed = await git(["status", "--porcelain=v1", "--untracked-files=no", "--ignore-submodules=all"]);
  if (changed !== "") {
    throw unfit(dir, `${changed.split("\n")[0]?.slice(3, 203) ?? ""} is not as HEAD has it: commit it or put it back`);
  }
}

type Git = (args: readonly string[], how?: GitRun) => Promise<string>;

async function prepare(dir: string, branch: string, git: Git): Promise<void> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unfit(dir, `it cannot be made (${errnoOf(cause)})`);
  }
  if (existsSync(join(dir, ".git", "HEAD")) || isFile(join(dir, ".git"))) return;
  if (readdirSync(dir).some((each) => each !== ".git")) throw unfit(dir, "it is not empty and holds no .git");
  await git(["init", "-q", "--template=", `--initial-branch=${branch}`, "."]);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function writeAttributes(dir: string, gitDir: string): void {
  const path = join(gitDir, "info", "attributes");
  if (!existsSync(path)) {
    mkdirSync(join(gitDir, "info"), { recursive: true });
    writeFileSync(path, attributes, { flush: true });
  } else if (readFileSync(path, "utf8") !== attributes) {
    throw unfit(dir, "its .git/info/attributes has rules of its own: move them away");
  }
}

interface Parts {
  readonly dir: string;
  readonly gitDir: string;
  readonly branch: string;
  readonly run: (args: readonly string[], how?: GitRun) => Promise<GitAnswer>;
  readonly git: Git;
  readonly by: Committer;
}

function cloneOf(parts: Parts): GitClone {
  const { dir, gitDir, run, git } = parts;
  const commit: GitClone["commit"] = async (ref) => {
    const { exitCode, stdout } = await run(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
    return exitCode === 0 ? textOf(stdout) : undefined;
  };
  const moveTo: GitClone["moveTo"] = async (to) => {
    await git(["update-ref", movingRef, to]);
    await git(["update-ref", "HEAD", to]);
    await git(["read-tree", "--reset", "-u", to]);
    await git(["update-ref", "-d", movingRef]);
  };
  return {
    dir,
    gitDir,
    commit,
    async recover() {
      const moving = await commit(movingRef);
      if (moving !== undefined) {
        rmSync(join(gitDir, "index.lock"), { force: true });
        if ((await commit("HEAD")) === moving) await git(["read-tree", "--reset", "-u", moving]);
        await git(["update-ref", "-d", movingRef]);
      }
      await requireOwn(parts);
    },
    forget: async (ref) => void (await git(["update-ref", "-d", ref])),
    point: async (ref, to) => void (await git(["update-ref", ref, to])),
    isAncestor: async (earlier, later) => (await run(["merge-base", "--is-ancestor", earlier, later])).exitCode === 0,
    join: (parents, ours, theirs) => joinTrees(parts, parents, ours, theirs),
    moveTo,
    async keep(paths, message) {
      if (paths.length === 0) return undefined;
      const made = await commitFiles(parts, await commit("HEAD"), paths, message);
      if (made !== undefined) await moveTo(made);
      return made;
    },
    async setting(name) {
      const { exitCode, stdout } = await run(["config", "--local", "--get", name]);
      return exitCode === 0 ? textOf(stdout) : undefined;
    },
  };
}

function textOf(output: Uint8Array): string {
  return new TextDecoder().decode(output).trim();
}

function commitTree({ git, by }: Parts, tree: string, parents: readonly string[], message: string): Promise<string> {
  const env = {
    GIT_AUTHOR_NAME: by.name,
    GIT_AUTHOR_EMAIL: by.email,
    GIT_COMMITTER_NAME: by.name,
    GIT_COMMITTER_EMAIL: by.email,
  };
  return git(["commit-tree", tree, ...parents.flatMap((id) => ["-p", id])], { stdin: message, env });
}

async function joinTrees(parts: Parts, parents: readonly string[], ours: string, theirs: string): Promise<string> {
  const { exitCode, stdout, stderr } = await parts.run(["merge-tree", "--write-tree", "--name-only", ours, theirs]);
  const [tree = "", path = ""] = textOf(stdout).split("\n");
  if (exitCode === 0) return commitTree(parts, tree, parents, "Settle on top of what came in\n");
  const what = exitCode === 1 ? `both sides have ${JSON.stringify(path)} and differ` : (stderr.split("\n")[0] ?? "");
  throw new SettlementError(
    "GIT_MERGE_CONFLICT",
    `what this node closed and what came in do not go together: ${what.slice(0, 300)}; look which of the two is right, another node may settle the same ledger`,
  );
}

/** A commit on top of HEAD with files of the work tree; undefined where HEAD has them. The index of the work tree is left alone. */
async function commitFiles(
  parts: Parts,
  head: string | undefined,
  paths: readonly string[],
  message: string,
): Promise<string | undefined> {
  const { git, gitDir } = parts;
  const env = { GIT_INDEX_FILE: join(gitDir, "settlement-index") };
  rmSync(`${env.GIT_INDEX_FILE}.lock`, { force: true });
  await git(head === undefined ? ["read-tree", "--empty"] : ["read-tree", head], { env });
  await git(["update-index", "-z", "--add", "--stdin"], { env, stdin: paths.map((path) => `${path}\0`).join("") });
  const tree = await git(["write-tree"], { env });
  if (head !== undefined && tree === (await git(["rev-parse", `${head}^{tree}`]))) return undefined;
  return commitTree(parts, tree, head === undefined ? [] : [head], message);
}

function unfit(dir: string, why: string): SettlementError {
  return new SettlementError(
    "GIT_CLONE_UNFIT",
    `${dir} cannot serve as the working clone: ${why}; or name another folder, one that is empty`,
  );
}
