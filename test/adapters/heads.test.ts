import { afterAll, describe, expect, test } from "vitest";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { openPglite } from "../../src/adapters/pglite.ts";
import { migrate } from "../../src/adapters/sql.ts";
import { sqlHeads } from "../../src/adapters/sql-heads.ts";
import type { SignedHeads } from "../../src/ports.ts";

const database = openPglite();
afterAll(async () => (await database).close());

const adapters: readonly (readonly [string, () => Promise<SignedHeads>])[] = [
  ["memory", async () => memoryHeads()],
  [
    "PostgreSQL",
    async () => {
      await migrate(await database);
      return sqlHeads(await database);
    },
  ],
];

describe.each(adapters)("signed heads in %s", (name, open) => {
  const origin = `${name.toLowerCase()}.example/ledger`;

  test("one size of a log has one root", async () => {
    const heads = await open();
    await heads.record(origin, 7, "aa");
    await heads.record(origin, 7, "aa");
    await heads.record(origin, 8, "bb");
    await heads.record(`${origin}/2026-08`, 7, "cc");
    await expect(heads.record(origin, 7, "bb")).rejects.toMatchObject({ code: "HEAD_CONFLICT", kind: "conflict" });
    await heads.record(origin, 7, "aa");
  });

  test("two who race for a size end with one root", async () => {
    const heads = await open();
    const results = await Promise.allSettled(["aa", "bb", "cc"].map((root) => heads.record(origin, 100, root)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});
