import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nodeVerifyAsync } from "../../src/adapters/node-crypto.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { openPglite } from "../../src/adapters/pglite.ts";
import { sqlHeads } from "../../src/adapters/sql-heads.ts";
import { sqlPromises } from "../../src/adapters/sql-promises.ts";
import { migrate } from "../../src/adapters/sql.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { openDoor } from "../../src/validate/door.ts";
import { acceptingInto, doorOptions, folderOf } from "../support/accepting.ts";
import { closedMonthlyFiles, type Json, nativeEvent, nowUnixMs, releasePayload } from "../support/build-ledger.ts";
import { expectKept, promisesOf } from "../support/promises-kept.ts";
import { failure, temporaryFolder } from "../support/temporary-folder.ts";

const now = (): number => nowUnixMs;

const release = (version: string): Json =>
  nativeEvent("ReleasePublished", "acme/widget", "2026-03-20T11:00:00Z", releasePayload("acme/widget", version));

const march = (folder: string): string => readFileSync(join(folder, "2026-03.json"), "utf8");

test("promises and heads outlive the process in the state database", async () => {
  const [folder, data] = [folderOf(await closedMonthlyFiles()), temporaryFolder()];
  const database = await openPglite(data);
  await migrate(database);
  const first = acceptingInto(folder, now, { heads: sqlHeads(database), promises: sqlPromises(database) });
  const before = await acceptor(first).accept([release("5.0.0"), release("5.1.0")]);
  await database.close();
  const again = await openPglite(data);
  onTestFinished(() => again.close());
  const second = acceptingInto(folder, now, { heads: sqlHeads(again), promises: sqlPromises(again) });
  const after = await acceptor(second).accept([release("5.1.0"), release("5.2.0"), release("5.0.0")]);
  expect(after).toMatchObject([
    { ...before[1], state: "known" },
    { state: "accepted" },
    { ...before[0], state: "known" },
  ]);
  await expectKept(promisesOf([...before, ...after]), second);
});

test("while promises cannot be kept nothing is answered, and what was added is not added again", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const deps = acceptingInto(folder, now);
  let isDown = true;
  const keep: typeof deps.promises.keep = async (made) => {
    if (isDown) throw new Error("the database is gone");
    return deps.promises.keep(made);
  };
  const door = acceptor({ ...deps, promises: { ...deps.promises, keep } });
  await expect(door.accept([release("5.0.0")])).rejects.toThrow("the database is gone");
  const text = march(folder);
  expect(text).toContain('"5.0.0"');
  isDown = false;
  const verdicts = await door.accept([release("5.0.0")]);
  expect([verdicts[0]?.state, march(folder)]).toEqual(["known", text]);
  await expectKept(promisesOf(verdicts), deps);
});

test("where heads cannot be remembered nothing is begun", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const deps = acceptingInto(folder, now);
  const ready = (): Promise<void> => Promise.reject(new Error("no state"));
  const before = march(folder);
  await expect(acceptor({ ...deps, heads: { ...deps.heads, ready } }).accept([release("5.0.0")])).rejects.toThrow(
    "no state",
  );
  expect(march(folder)).toBe(before);
});

test("a log that somebody else has signed otherwise takes nothing more", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const deps = acceptingInto(folder, now);
  const door = acceptor(deps);
  await door.accept([release("5.0.0")]);
  await deps.heads.record("ledger.test/ledger", 12, "00".repeat(32));
  expect((await failure(door.accept([release("5.1.0")])))?.code).toBe("HEAD_CONFLICT");
  const text = march(folder);
  expect((await failure(door.accept([release("5.2.0")])))?.code).toBe("HEAD_CONFLICT");
  expect(march(folder)).toBe(text);
});

test("a ledger with errors is read again when it has changed, and not before", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const good = march(folder);
  const bad = good.replace("the build failed", "the build passed");
  writeFileSync(join(folder, "2026-03.json"), bad);
  let opened = 0;
  const deps = acceptingInto(folder, now);
  const counting: typeof deps.openDoor = (previous) => {
    opened++;
    return deps.openDoor(previous);
  };
  const door = acceptor({ ...deps, openDoor: counting });
  for (const version of ["5.0.0", "5.1.0"]) {
    expect((await failure(door.accept([release(version)])))?.code).toBe("ACCEPTANCE_STOPPED");
  }
  expect(opened).toBe(1);
  writeFileSync(join(folder, "2026-03.json"), good);
  expect(await door.accept([release("5.0.0")])).toMatchObject([{ state: "accepted" }]);
  expect(opened).toBe(2);
});

test("a signature is verified once, however often the ledger is read and the event handed in", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  let verified = 0;
  const verifyAhead: typeof nodeVerifyAsync = (...signed) => {
    verified++;
    return nodeVerifyAsync(...signed);
  };
  const deps = acceptingInto(folder, now);
  const options = { ...doorOptions, verifyAhead };
  const door = acceptor({ ...deps, openDoor: (previous) => openDoor(folderTree(folder), options, previous) });
  await door.accept([release("5.0.0")]);
  expect(verified).toBe(11);
  writeFileSync(join(folder, "2026-04.json"), "[]");
  expect(await door.accept([release("5.0.0"), release("5.1.0")])).toMatchObject([
    { state: "known" },
    { state: "accepted" },
  ]);
  expect(verified).toBe(12);
});

test("more events than go into one group keep their order", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const deps = acceptingInto(folder, now);
  const door = acceptor(deps);
  const [known] = await door.accept([release("5.0.0")]);
  const many = Array.from({ length: 3000 }, () => release("5.0.0"));
  const answers = await Promise.all([
    door.accept(many),
    door.accept([release("5.1.0"), ...many]),
    door.accept([release("5.2.0")]),
  ]);
  expect(answers.map(({ length }) => length)).toEqual([3000, 3001, 1]);
  for (const answer of answers.flat().filter(({ state }) => state === "known")) {
    expect(answer).toEqual({ ...known, state: "known" });
  }
  await expectKept(promisesOf(answers.flatMap(([first]) => (first ? [first] : []))), deps);
});
