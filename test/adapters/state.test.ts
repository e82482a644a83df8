import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openPglite } from "../../src/adapters/pglite.ts";
import { sqlState } from "../../src/adapters/sql-state.ts";
import { emptiedState, integersAsTexts, memoryState, stateContract } from "../support/state-contract.ts";
import { faultsIn, writeUntilKilled } from "../support/state-kills.ts";
import { writeMark, writtenMarks } from "../support/state-marks.ts";
import { outcome, temporaryFolder } from "../support/temporary-folder.ts";

const database = await openPglite();
afterAll(() => database.close());

stateContract("memory", async () => memoryState());
stateContract("PostgreSQL in the process", () => emptiedState(database));
stateContract("PostgreSQL with 64-bit integers as texts", () => emptiedState(integersAsTexts(database)));

describe("a state", () => {
  test("that is opened again holds what it held", async () => {
    const first = await emptiedState(database);
    await writeMark(first, 7);
    const [written] = await writtenMarks(await sqlState(database));
    expect(written).toEqual(Array.from({ length: 9 }, () => true));
  });

  test("of an earlier version keeps what it promised", async () => {
    const old = await openPglite();
    await sqlState(old);
    await old.query("delete from settlement.migrations where number > 11");
    await old.query("drop table settlement.promised_heads");
    await old.query(`create table settlement.promises (
      id text primary key, origin text not null, leaf_index bigint not null, checkpoint text not null,
      accepted_unix_ms bigint not null)`);
    const [ledger, month] = ["node.example/ledger", "node.example/ledger/2026-04"];
    const checkpoint = (origin: string, size: number): string => `${origin}\n${size}\nAAAA\n\n— ${origin} BBBB\n`;
    const promised = [
      ["a", ledger, 0, 2, 5],
      ["b", ledger, 1, 2, 5],
      ["d", ledger, 11, 12, 9],
      ["c", ledger, 2, 9, 7],
      ["e", month, 0, 1, 8],
    ] as const;
    for (const [id, origin, leaf, size, unixMs] of promised) {
      const values = [id, origin, leaf, checkpoint(origin, size), unixMs];
      await old.query("insert into settlement.promises values ($1, $2, $3::bigint, $4, $5::bigint)", values);
    }
    const { promises } = await sqlState(old);
    for (const [, origin, leaf, size, acceptedUnixMs] of promised) {
      const head = { origin, size, checkpoint: checkpoint(origin, size), acceptedUnixMs };
      expect(await promises.covering(origin, [leaf])).toEqual(new Map([[leaf, head]]));
    }
    const next = { origin: ledger, size: 13, checkpoint: checkpoint(ledger, 13), acceptedUnixMs: 10 };
    expect([await promises.keep(next), await promises.covering(ledger, [12])]).toEqual([next, new Map([[12, next]])]);
    await old.close();
  });

  test("that is closed refuses work", async () => {
    const closed = await openPglite();
    const { partitions, evidence, seenLedgers, promises, notices, auditLog } = await sqlState(closed);
    await closed.close();
    const works = [
      partitions.list("node.example/ledger"),
      evidence.find("testnet", 1),
      seenLedgers.latest("testnet"),
      promises.covering("node.example/ledger", [1]),
      notices.undelivered("https://one.example/hook", 1),
      auditLog.list(1),
    ];
    expect(await Promise.all(works.map(outcome))).toEqual(works.map(() => "STATE_UNAVAILABLE"));
  });

  test("has everything that was acknowledged before its process was killed, in order", async () => {
    const folder = join(temporaryFolder(), "state");
    const acknowledged = await writeUntilKilled(folder, [1, 12]);
    const kept = await openPglite(folder);
    expect(await faultsIn(await sqlState(kept), acknowledged)).toEqual([]);
    await kept.close();
  });
});
