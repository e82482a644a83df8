import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { writeNewFiles } from "../../src/adapters/new-files.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

const files = [
  { path: "a.json", text: "{}\n" },
  { path: "deep/er/b.yml", text: "b\n" },
  { path: "c.json", text: "c\n" },
];

test("makes all files, with their folders and nothing beside them", async () => {
  writeNewFiles(folder, files);
  expect(await textsIn(folder)).toEqual(Object.fromEntries(files.map(({ path, text }) => [path, text])));
});

test.for<[string, () => void, Record<string, string>]>([
  ["a file", () => writeFileSync(join(folder, "c.json"), "mine"), { "c.json": "mine" }],
  ["a file where a folder is needed", () => writeFileSync(join(folder, "deep"), "mine"), { deep: "mine" }],
  ["a folder", () => mkdirSync(join(folder, "c.json")), {}],
  ["a link that leads nowhere", () => symlinkSync("/nowhere/at/all", join(folder, "c.json")), {}],
])("makes none where there is %s", async ([, spoil, left]) => {
  spoil();
  expect(() => writeNewFiles(folder, files)).toThrowError(expect.objectContaining({ code: "OUTPUT_UNWRITABLE" }));
  expect(await textsIn(folder)).toEqual(left);
});

test("follows no link below the folder", async () => {
  const elsewhere = temporaryFolder();
  symlinkSync(elsewhere, join(folder, "deep"));
  expect(() => writeNewFiles(folder, files)).toThrowError(expect.objectContaining({ code: "OUTPUT_UNWRITABLE" }));
  expect(await textsIn(elsewhere)).toEqual({});
  expect(existsSync(join(folder, "a.json"))).toBe(false);
});
