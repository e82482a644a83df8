import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { NamedBytes } from "../src/adapters/write-batch.ts";
import { utf8 } from "../src/core/bytes.ts";
import { writeThreads } from "../src/write-pool.ts";
import { failure, temporaryFolder } from "./support/temporary-folder.ts";
import { contentOf, manyFiles } from "./support/many-files.ts";

const writer = fileURLToPath(new URL("support/many-files-writer.ts", import.meta.url));

function folderWith(...folders: readonly string[]): string {
  const root = temporaryFolder();
  for (const each of folders) mkdirSync(join(root, each), { recursive: true });
  return root;
}

test("all files are there as they were given, and nothing else", async () => {
  const root = folderWith("a", "b");
  expect(await writeThreads()(root, manyFiles(500))).toEqual([]);
  const names = ["a", "b"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));
  expect(names.toSorted()).toEqual(
    manyFiles(500)
      .map(([path]) => path)
      .toSorted(),
  );
  for (const [path, bytes] of manyFiles(500)) expect(readFileSync(join(root, path))).toEqual(Buffer.from(bytes));
});

test("a few files are left to whoever asked", async () => {
  const root = folderWith("a", "b");
  const few = manyFiles(10);
  expect(await writeThreads()(root, few)).toBe(few);
  expect(readdirSync(join(root, "a"))).toEqual([]);
});

test("what has its name already is left alone, and told", async () => {
  const root = folderWith("a", "b", "a/x");
  writeFileSync(join(root, "b/2"), "other");
  const left = await writeThreads()(root, [...manyFiles(200), ["a/x", utf8("x")]]);
  expect(left.map(([path]) => path).toSorted()).toEqual(["a/x", "b/2"]);
  expect(readFileSync(join(root, "b/2"), "utf8")).toBe("other");
  expect(readdirSync(join(root, "a")).filter((name) => name.startsWith("."))).toEqual([]);
});

test("what cannot be written is told by its name, and writing ends", async () => {
  const root = folderWith("a", "b");
  const files: NamedBytes[] = [...manyFiles(100), ["missing/1", utf8("x")]];
  const fault = await failure(writeThreads()(root, files));
  expect([fault?.code, fault?.message]).toEqual(["LEDGER_WRITE_FAILED", expect.stringContaining("missing/1")]);
});

test("threads that ended for want of work begin again", async () => {
  const root = folderWith("a", "b");
  const write = writeThreads({ idleMs: 0 });
  for (let times = 0; times < 5; times++) {
    expect((await write(root, manyFiles(100))).length).toBe(times === 0 ? 0 : 100);
    await sleep(10 * times);
  }
});

test("a process that is killed leaves files that are whole, and none that is not", async () => {
  const torn: string[] = [];
  let whole = 0;
  for (let times = 0; times < 5; times++) {
    const root = folderWith("a", "b");
    const child = spawn(process.execPath, [writer, root], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), 20 * times));
    await ended;
    for (const folder of ["a", "b"]) {
      for (const name of readdirSync(join(root, folder))) {
        if (name.startsWith(".")) continue;
        const path = `${folder}/${name}`;
        if (readFileSync(join(root, path)).equals(contentOf(path))) whole++;
        else torn.push(path);
      }
    }
  }
  expect([torn, whole > 100]).toEqual([[], true]);
});
