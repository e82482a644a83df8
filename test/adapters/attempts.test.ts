import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { openPglite } from "../../src/adapters/pglite.ts";
import { migrate, type SqlStatements } from "../../src/adapters/sql.ts";
import { sqlAttempts } from "../../src/adapters/sql-attempts.ts";
import { attemptsContract } from "../support/attempts-contract.ts";
import { signedAnchor } from "../support/signed-anchor.ts";
import { failure, outcome, temporaryFolder } from "../support/temporary-folder.ts";

const shared = openPglite();
afterAll(async () => (await shared).close());

attemptsContract("memory", async () => memoryAttempts());

attemptsContract("PostgreSQL", async () => {
  const sql = await shared;
  await sql.query("drop schema if exists settlement cascade");
  await migrate(sql);
  return sqlAttempts(sql);
});

attemptsContract("PostgreSQL with a driver that gives 64-bit integers as texts", async () => {
  const db = await shared;
  await db.query("drop schema if exists settlement cascade");
  await migrate(db);
  const asTexts = (value: unknown): unknown => (typeof value === "number" ? String(value) : value);
  const sql: SqlStatements = {
    query: async (text, values) =>
      (await db.query(text, values)).map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asTexts(value)])),
      ),
  };
  return sqlAttempts(sql);
});

describe("a database in a folder", () => {
  const hash = (mark: number): string => mark.toString(16).padStart(64, "0");

  test("is kept, and is open in one place at a time", async () => {
    const folder = join(temporaryFolder(), "deep", "state");
    const first = await openPglite(folder);
    // Off or by another method, a commit would not outlive a power cut.
    expect([await first.query("show fsync"), await first.query("show wal_sync_method")]).toEqual([
      [{ fsync: "on" }],
      [{ wal_sync_method: "fsync" }],
    ]);
    await migrate(first);
    await sqlAttempts(first).prepare("2026-03", hash(1), signedAnchor(1), undefined);
    const refused = await failure(openPglite(folder));
    expect([refused?.code, refused?.message]).toEqual([
      "STATE_UNAVAILABLE",
      expect.stringContaining("another process has the data folder open"),
    ]);
    await first.close();
    const again = await openPglite(folder);
    expect(await sqlAttempts(again).list()).toHaveLength(1);
    await again.close();
  });

  test("that a later version of this program has used is left alone", async () => {
    const sql = await shared;
    await migrate(sql);
    await sql.query("insert into settlement.migrations values (1000)");
    expect(await outcome(migrate(sql))).toBe("STATE_UNAVAILABLE");
    await sql.query("delete from settlement.migrations where number = 1000");
    expect(await outcome(migrate(sql))).toBe("ok");
  });

  test("says when it cannot be opened", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    expect(await outcome(openPglite(join(folder, "file")))).toBe("STATE_UNAVAILABLE");
    mkdirSync(join(folder, "broken", "postgres"), { recursive: true });
    writeFileSync(join(folder, "broken", "postgres", "PG_VERSION"), "nonsense");
    expect(await outcome(openPglite(join(folder, "broken")))).toBe("STATE_UNAVAILABLE");
  });

  test("that is closed refuses work", async () => {
    const db = await openPglite();
    await migrate(db);
    const attempts = sqlAttempts(db);
    await db.close();
    expect(await outcome(attempts.list())).toBe("STATE_UNAVAILABLE");
  });

  test("has everything that was acknowledged before its process was killed", async () => {
    const folder = join(temporaryFolder(), "state");
    const writer = fileURLToPath(new URL("../support/attempt-writer.ts", import.meta.url));
    let acknowledged = 0;
    for (const count of [1, 7, 40]) {
      const child = spawn(process.execPath, [writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
      let lines = 0;
      for await (const line of createInterface(child.stdout)) {
        acknowledged = Number(line) + 1;
        if (++lines === count) child.kill("SIGKILL");
      }
      expect(lines).toBeGreaterThanOrEqual(count);
    }
    const db = await openPglite(folder);
    const stored = await sqlAttempts(db).list();
    await db.close();
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged);
    expect(stored.map((attempt) => attempt.anchor)).toEqual(stored.map((_, mark) => signedAnchor(mark)));
  });
});
