import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "../../src/adapters/cache-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const [old, recent] = ["ab12", "cd34"];

test("keeps files whole, in pieces and in part, and drops what is old", () => {
  const dir = temporaryFolder();
  const cache = cacheFolder(dir);
  cache.write(old, Buffer.from("whole"));
  cache.write(recent, [Buffer.from("in "), Buffer.from("pieces")]);
  expect(Buffer.from(cache.read(recent) ?? []).toString()).toBe("in pieces");
  {
    using file = cache.open(recent);
    expect(file?.size).toBe(9);
    expect(Buffer.from(file?.read(3, 100) ?? []).toString()).toBe("pieces");
  }
  const longAgo = new Date("2020-01-01T00:00:00Z");
  utimesSync(join(dir, old.slice(0, 2), old), longAgo, longAgo);
  cache.prune();
  expect(cache.read(old)).toBeUndefined();
  expect(cache.read(recent)).toBeDefined();
});

test("keeps nothing, and says nothing, where it cannot write", () => {
  const dir = temporaryFolder();
  const blocked = cacheFolder(join(dir, "file"));
  cacheFolder(dir).write("fi", Buffer.from("x"));
  const cache = cacheFolder(join(dir, "fi", "fi"));
  for (const folder of [blocked, cache]) folder.prune();
  cache.write(old, Buffer.from("x"));
  expect(cache.read(old)).toBeUndefined();
  expect(cache.open(old)).toBeUndefined();
});

test("a write that fails half way leaves nothing", () => {
  const dir = temporaryFolder();
  const cache = cacheFolder(dir);
  cache.write(old, Buffer.from("before"));
  function* pieces(): Generator<Uint8Array> {
    yield Buffer.from("half");
    throw new Error("no more");
  }
  cache.write(old, pieces());
  expect(Buffer.from(cache.read(old) ?? []).toString()).toBe("before");
  expect(readdirSync(dir, { recursive: true })).toHaveLength(2);
});
