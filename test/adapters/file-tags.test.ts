import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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

test("what changed since a time is left out", async () => {
  const { ledger } = repository();
  expect((await folderTags(ledger, names, Date.now() + 60_000)).size).toBe(3);
  expect((await folderTags(ledger, names, Date.now() - 60_000)).size).toBe(0);
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
