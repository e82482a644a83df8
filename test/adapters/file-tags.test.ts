import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blockTree } from "../../src/adapters/file-blocks.ts";
import { folderTags } from "../../src/adapters/file-tags.ts";
import { gitTree } from "../../src/adapters/git-tree.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Git = (...args: readonly string[]) => void;

/** A repository with a ledger folder in it, of which everything is committed. */
function repository(): { readonly dir: string; readonly ledger: string; readonly git: Git } {
  const dir = temporaryFolder();
  const git: Git = (...args) =>
    void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: dir });
  const ledger = join(dir, "ledger");
  mkdirSync(ledger);
  for (const name of ["a", "b", "c d\n"]) writeFileSync(join(ledger, name), `of ${name}\n`);
  writeFileSync(join(dir, "outside"), "outside\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  return { dir, ledger, git };
}

const names = ["a", "b", "c d\n"];

test("files that are as they were committed have the tags of their commit", async () => {
  const { ledger } = repository();
  const committed = await (await gitTree(ledger, "HEAD")).tags?.(names);
  expect([...(committed ?? []).keys()]).toEqual(names);
  expect(await folderTags(ledger, names)).toEqual(committed);
});

test.for<{ name: string; change: (ledger: string, git: Git) => void }>([
  { name: "with other bytes", change: (ledger) => writeFileSync(join(ledger, "a"), "OF a\n") },
  {
    name: "with other bytes that are to be committed",
    change(ledger, git) {
      writeFileSync(join(ledger, "a"), "OF a\n");
      git("add", ".");
    },
  },
  {
    name: "with other bytes that git was told not to look at",
    change(ledger, git) {
      git("update-index", "--assume-unchanged", "ledger/a");
      writeFileSync(join(ledger, "a"), "OF a\n");
    },
  },
  {
    name: "with other line ends",
    change(ledger, git) {
      writeFileSync(join(ledger, ".gitattributes"), "a text eol=crlf\n");
      rmSync(join(ledger, "a"));
      git("checkout", "--", "ledger/a");
    },
  },
  { name: "that is gone", change: (ledger) => rmSync(join(ledger, "a")) },
])("a file $name has not the tag of the commit, and others have", async ({ change }) => {
  const { ledger, git } = repository();
  const committed = await (await gitTree(ledger, "HEAD")).tags?.(names);
  change(ledger, git);
  const now = await folderTags(ledger, names);
  expect(now.get("a")).not.toBe(committed?.get("a"));
  expect(now.get("b")).toBe(committed?.get("b"));
});

test("a file that git does not know is told apart once it has settled", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "new"), "new\n");
  expect(await folderTags(folder, ["new"])).toEqual(new Map());
  // Installed long ago.
  const settled = new URL("../../node_modules/vitest", import.meta.url).pathname;
  const first = await folderTags(settled, ["package.json"]);
  expect(first.size).toBe(1);
  expect(await folderTags(settled, ["package.json"])).toEqual(first);
});

test("what changed since it was listed is left out, whatever any clock says", async () => {
  const { ledger } = repository();
  const tree = blockTree(ledger);
  expect(await tree.tags(names)).toEqual(new Map());
  await tree.entries("");
  expect((await tree.tags(names)).size).toBe(3);
  const { atime, mtime } = statSync(join(ledger, "a"));
  writeFileSync(join(ledger, "a"), "of a\n");
  utimesSync(join(ledger, "a"), atime, mtime);
  expect([...(await tree.tags(names)).keys()]).toEqual(["b", "c d\n"]);
  await tree.entries("");
  expect((await tree.tags(names)).size).toBe(3);
});

/** Tags by which files are the same in another clone. */
async function portable(ledger: string): Promise<readonly string[]> {
  const tags = await folderTags(ledger, names);
  return [...tags].flatMap(([path, tag]) => (tag.startsWith("git ") ? [path] : []));
}

test.for<{ name: string; change: (ledger: string, git: Git) => void }>([
  ...["text", "text=auto", "eol=lf", "ident", "filter=f", "working-tree-encoding=UTF-16"].map((attribute) => ({
    name: `with the attribute ${attribute}`,
    change: (ledger: string) => writeFileSync(join(ledger, "../.gitattributes"), `ledger/a ${attribute}\n`),
  })),
  {
    name: "that a filter makes the same as what is stored",
    change(ledger, git) {
      writeFileSync(join(ledger, ".gitattributes"), "a filter=f\n");
      git("config", "filter.f.clean", "tr OF of");
      writeFileSync(join(ledger, "a"), "OF a\n");
      git("add", ".");
    },
  },
])("a file $name is told apart by its own bytes alone", async ({ change }) => {
  const { ledger, git } = repository();
  change(ledger, git);
  expect(await portable(ledger)).toEqual(["b", "c d\n"]);
});

test.for(["true", "input"])("a repository with core.autocrlf %s tells no file apart", async (lineEnds) => {
  const { ledger, git } = repository();
  git("config", "core.autocrlf", lineEnds);
  expect(await portable(ledger)).toEqual([]);
});

test.for([
  ["core.trustctime", "false"],
  ["core.checkStat", "minimal"],
])("%s %s hides no change", async (setting) => {
  const { ledger, git } = repository();
  git("config", ...setting);
  const { atime, mtime } = statSync(join(ledger, "a"));
  writeFileSync(join(ledger, "a"), "OF a\n");
  utimesSync(join(ledger, "a"), atime, mtime);
  expect(await portable(ledger)).toEqual(["b", "c d\n"]);
});

test("a folder whose repository has its work tree elsewhere is told apart by its own bytes alone", async () => {
  const { dir, ledger, git } = repository();
  const copy = join(temporaryFolder(), "copy");
  git("config", "core.worktree", dir);
  cpSync(dir, copy, { recursive: true });
  expect(await portable(ledger)).toEqual(names);
  expect(await portable(join(copy, "ledger"))).toEqual([]);
});

test("a repository that lies in the folder of another one runs nothing", async () => {
  const { ledger } = repository();
  const bare = join(ledger, "nodes");
  execFileSync("git", ["init", "-q", "--bare", bare]);
  const mark = join(ledger, "ran");
  execFileSync("git", ["-C", bare, "config", "core.fsmonitor", `touch ${mark}; false`]);
  execFileSync("git", ["-C", bare, "config", "core.worktree", ledger]);
  execFileSync("git", ["-C", bare, "config", "core.bare", "false"]);
  await folderTags(bare, ["HEAD"]);
  await folderTags(ledger, names);
  expect(() => rmSync(mark)).toThrow("ENOENT");
});
