import { afterAll, describe, expect, test } from "vitest";
import { openPostgres } from "../../src/adapters/postgres.ts";
import { sqlState } from "../../src/adapters/sql-state.ts";
import { attemptsContract } from "../support/attempts-contract.ts";
import { headsContract } from "../support/heads-contract.ts";
import { freshDatabase } from "../support/services.ts";
import { faultsIn, writeUntilKilled } from "../support/state-kills.ts";
import { emptiedState, stateContract } from "../support/state-contract.ts";
import { writeMark, writtenMarks, writtenOrigin } from "../support/state-marks.ts";
import { outcome } from "../support/temporary-folder.ts";

const [address, unused] = [await freshDatabase(), await freshDatabase()];
const database = await openPostgres(address);
afterAll(() => database.close());

attemptsContract("a PostgreSQL server", async () => (await emptiedState(database)).attempts);
headsContract("a PostgreSQL server", async () => (await emptiedState(database)).heads);
stateContract("a PostgreSQL server", () => emptiedState(database));

describe("a PostgreSQL server", () => {
  test("is migrated once by several programs that begin at once", async () => {
    const programs = await Promise.all(Array.from({ length: 5 }, () => openPostgres(unused)));
    const states = await Promise.all(programs.map((program) => sqlState(program)));
    const numbers = await programs[0]?.query("select number from settlement.migrations order by number");
    expect(numbers?.length).toBeGreaterThan(0);
    expect(numbers).toEqual(numbers?.map((_, at) => ({ number: at + 1 })));
    await Promise.all(states.map((state, mark) => writeMark(state, mark)));
    const marks = await Promise.all(states.map(writtenMarks));
    expect(marks.flat().filter((writes) => !writes.every(Boolean))).toEqual([]);
    expect(marks.map((each) => each.length)).toEqual(programs.map(() => programs.length));
    await Promise.all(programs.map((program) => program.close()));
  });

  test("lets one of several programs move a month, and shows it to all", async () => {
    await emptiedState(database);
    const programs = await Promise.all(Array.from({ length: 4 }, () => openPostgres(address)));
    const states = await Promise.all(programs.map((program) => sqlState(program)));
    const months = Array.from({ length: 12 }, (_, at) => `2026-${String(at + 1).padStart(2, "0")}`);
    for (const month of months) {
      const before = { origin: writtenOrigin, month, state: "closed", changedUnixMs: 0 } as const;
      await states[0]?.partitions.move(undefined, before);
      const outcomes = await Promise.all(
        states.map(({ partitions }, at) =>
          outcome(partitions.move("closed", { ...before, state: "anchoring", changedUnixMs: at + 1 })),
        ),
      );
      expect(outcomes.toSorted()).toEqual([...states.slice(1).map(() => "PARTITION_STATE_CONFLICT"), "ok"]);
      const seen = await Promise.all(states.map(({ partitions }) => partitions.get(writtenOrigin, month)));
      const after = { ...before, state: "anchoring", changedUnixMs: outcomes.indexOf("ok") + 1 };
      expect(seen).toEqual(states.map(() => after));
    }
    await Promise.all(programs.map((program) => program.close()));
  });

  test("makes every write durable, whatever the database would do by itself", async () => {
    await database.query(
      "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
    );
    const later = await openPostgres(address);
    expect(await later.query("show synchronous_commit")).toEqual([{ synchronous_commit: "on" }]);
    await later.close();
  });

  test("has everything that was acknowledged before the program was killed, in order", async () => {
    const state = await emptiedState(database);
    expect(await faultsIn(state, await writeUntilKilled(address, [1, 30, 7]))).toEqual([]);
  });
});
