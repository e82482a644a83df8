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
    expect(written?.writes).toEqual(Array.from({ length: 9 }, () => true));
  });

  test("that is closed refuses work", async () => {
    const closed = await openPglite();
    const { partitions, evidence, seenLedgers, promises, notices, auditLog } = await sqlState(closed);
    await closed.close();
    const works = [
      partitions.list("node.example/ledger"),
      evidence.find("testnet", 1),
      seenLedgers.latest("testnet"),
      promises.find(["a"]),
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
