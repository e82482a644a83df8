import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { gitTree, isGitRef } from "../../src/adapters/git-tree.ts";
import { type MemoryFile, memoryTree } from "../../src/adapters/memory-tree.ts";
import { faultyFileSystem } from "../support/faulty-file-system.ts";
import { fileTreeContract, type TreeContent } from "../support/file-tree-contract.ts";
import { failure, outcome, temporaryFolder } from "../support/temporary-folder.ts";

type Content = Readonly<Record<string, TreeContent>>;

function fill(folder: string, content: Content): string {
  for (const [path, held] of Object.entries(content)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    if (typeof held === "string") writeFileSync(place, held);
    else if ("to" in held) symlinkSync(held.to, place);
    else {
      writeFileSync(place, held.executable);
      chmodSync(place, 0o755);
    }
  }
  return folder;
}

function git(folder: string, ...args: readonly string[]): string {
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
  return execFileSync("git", ["-C", folder, ...who, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

function repository(content: Content): string {
  const folder = fill(temporaryFolder(), content);
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "--allow-empty", "-m", "one");
  return folder;
}

fileTreeContract("a folder", async (content) => folderTree(fill(temporaryFolder(), content)));

fileTreeContract("a commit of git", async (content) => {
  const folder = repository(content);
  // What is in the work tree now is not what the commit holds.
  writeFileSync(join(folder, "a.txt"), "changed since");
  return gitTree(folder, "HEAD");
});

fileTreeContract("memory", async (content) => {
  const file = (held: TreeContent): MemoryFile => {
    if (typeof held === "string") return held;
    return "to" in held ? { kind: "link" } : { kind: "executable", content: held.executable };
  };
  return memoryTree(Object.fromEntries(Object.entries(content).map(([path, held]) => [path, file(held)])));
});

describe("a folder", () => {
  test("leaves .git out, as git does", async () => {
    const tree = folderTree(repository({ a: "1", "sub/.git": "gitdir: elsewhere" }));
    expect((await tree.entries("")).map((entry) => entry.path)).toEqual(["a", "sub"]);
  });

  test("that is not there is empty", async () => {
    const tree = folderTree(join(temporaryFolder(), "nothing"));
    expect([await tree.entries(""), await tree.read("a")]).toEqual([[], undefined]);
  });

  test("may be a link itself: its owner named it", async () => {
    const folder = temporaryFolder();
    fill(folder, { "real/a": "1", named: { to: "real" } });
    expect((await folderTree(join(folder, "named")).entries("")).map((entry) => entry.path)).toEqual(["a"]);
  });

  test("has pipes, which are never opened", async () => {
    const folder = temporaryFolder();
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, "pipe")]);
    const tree = folderTree(folder);
    expect(await tree.entries("")).toEqual([{ path: "pipe", kind: "other" }]);
    expect(await tree.read("pipe")).toBeUndefined();
  });

  test.each([
    ["facts", "EACCES", "LEDGER_UNREADABLE"],
    ["names", "EACCES", "LEDGER_UNREADABLE"],
    ["names", "EIO", "LEDGER_UNREADABLE"],
    ["open read", "EACCES", "LEDGER_UNREADABLE"],
    ["open read", "EMFILE", "LEDGER_UNREADABLE"],
    ["open read", "ELOOP", "LEDGER_FILE_NOT_PLAIN"],
    ["open read", "ENOENT", "ok"],
    ["read", "EIO", "LEDGER_UNREADABLE"],
  ] as const)("%s failing with %s is %s", async (step, errno, code) => {
    const folder = fill(temporaryFolder(), { "a/b": "1" });
    const tree = folderTree(folder, faultyFileSystem({ step, errno }));
    const act = async (): Promise<void> => {
      await tree.read("a/b");
      await tree.entries("");
    };
    const error = await failure(act());
    expect(error?.code ?? "ok").toBe(code);
    expect(error?.message ?? "").not.toMatch(/secret|settlement-test/);
  });
});

describe("a commit of git", () => {
  test("can be seen from a folder of its work tree", async () => {
    const folder = repository({ "ledger/2026-03.json": "[]", "ledger/nodes/a/b/node.json": "{}", readme: "x" });
    const tree = await gitTree(join(folder, "ledger"), "main");
    expect((await tree.entries("")).map((entry) => entry.path)).toEqual([
      "2026-03.json",
      "nodes",
      "nodes/a",
      "nodes/a/b",
      "nodes/a/b/node.json",
    ]);
  });

  test("is empty where it has no such folder", async () => {
    const folder = repository({ readme: "x" });
    mkdirSync(join(folder, "ledger"));
    expect(await (await gitTree(join(folder, "ledger"), "HEAD")).entries("")).toEqual([]);
  });

  test("is found by branch, tag, number and ancestor, and stays the one that was found", async () => {
    const folder = repository({ a: "one" });
    git(folder, "tag", "v1");
    writeFileSync(join(folder, "a"), "two");
    git(folder, "commit", "-qam", "two");
    const read = async (ref: string): Promise<string> =>
      Buffer.from((await (await gitTree(folder, ref)).read("a")) ?? []).toString();
    const first = git(folder, "rev-parse", "v1");
    expect(
      await Promise.all(["main", "v1", "HEAD~1", "HEAD^", first, first.slice(0, 8), "refs/heads/main"].map(read)),
    ).toEqual(["two", "one", "one", "one", "one", "one", "two"]);
    const tree = await gitTree(folder, "main");
    git(folder, "reset", "-q", "--hard", "v1");
    expect(Buffer.from((await tree.read("a")) ?? []).toString()).toBe("two");
  });

  test("is read as it is, whatever refs/replace says", async () => {
    const folder = repository({ a: "one" });
    const blob = git(folder, "rev-parse", "HEAD:a");
    writeFileSync(join(folder, "b"), "another");
    git(folder, "replace", blob, git(folder, "hash-object", "-w", "b"));
    expect(git(folder, "cat-file", "blob", blob)).toBe("another");
    expect(Buffer.from((await (await gitTree(folder, "HEAD")).read("a")) ?? []).toString()).toBe("one");
  });

  test("has submodules, which are neither files nor folders", async () => {
    const folder = repository({ a: "1" });
    git(folder, "update-index", "--add", "--cacheinfo", `160000,${git(folder, "rev-parse", "HEAD")},module`);
    git(folder, "commit", "-qm", "module");
    const tree = await gitTree(folder, "HEAD");
    expect(await tree.children("")).toContainEqual(expect.objectContaining({ path: "module", kind: "other" }));
    expect(await tree.read("module")).toBeUndefined();
  });

  test.each([
    ["nothing-by-that-name", "GIT_REF_UNKNOWN"],
    ["HEAD~9", "GIT_REF_UNKNOWN"],
    ["0".repeat(40), "GIT_REF_UNKNOWN"],
    ["--output=/tmp/x", "GIT_REF_MALFORMED"],
    ["-h", "GIT_REF_MALFORMED"],
    ["", "GIT_REF_MALFORMED"],
    ["HEAD:a", "GIT_REF_MALFORMED"],
    [":/one", "GIT_REF_MALFORMED"],
    ["../main", "GIT_REF_MALFORMED"],
    ["main..HEAD", "GIT_REF_MALFORMED"],
    ["HEAD main", "GIT_REF_MALFORMED"],
    ["HEAD\nmain", "GIT_REF_MALFORMED"],
    ["HEAD\0", "GIT_REF_MALFORMED"],
    ["$(id)", "GIT_REF_MALFORMED"],
    ["`id`", "GIT_REF_MALFORMED"],
    ["refs/*", "GIT_REF_MALFORMED"],
    ["x".repeat(300), "GIT_REF_MALFORMED"],
  ])("the ref %j is %s", async (ref, code) => {
    expect(await outcome(gitTree(repository({ a: "1" }), ref))).toBe(code);
  });

  test("needs a repository, and git", async () => {
    const folder = temporaryFolder();
    expect(await outcome(gitTree(folder, "HEAD"))).toBe("GIT_NOT_A_REPOSITORY");
    expect(await outcome(gitTree(join(folder, "nothing"), "HEAD"))).toBe("GIT_NOT_A_REPOSITORY");
    const path = process.env["PATH"];
    try {
      process.env["PATH"] = folder;
      expect(await outcome(gitTree(folder, "HEAD"))).toBe("GIT_UNAVAILABLE");
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("with an object missing is unreadable", async () => {
    const folder = repository({ a: "1", "b/c": "2" });
    const blob = git(folder, "rev-parse", "HEAD:a");
    execFileSync("rm", ["-f", join(folder, ".git/objects", blob.slice(0, 2), blob.slice(2))]);
    expect(await outcome(gitTree(folder, "HEAD").then((tree) => tree.read("a")))).toBe("LEDGER_UNREADABLE");
  });

  test.each(["main", "origin/main", "HEAD~1", "HEAD^2", "v1.0.0", "main@{1}", "feature/a+b", "@"])(
    "%s can name one",
    (ref) => {
      expect(isGitRef(ref)).toBe(true);
    },
  );
});
