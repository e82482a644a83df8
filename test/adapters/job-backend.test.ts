import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { openLaneQueue } from "../../jobs/lane-queue.ts";
import { type JobBackend, openJobBackend } from "../../src/adapters/job-backend.ts";
import { pglitePool } from "../../src/adapters/pglite-pool.ts";
import { done, jobBackendContract, started, until } from "../support/job-backend-contract.ts";
import { failure, temporaryFolder } from "../support/temporary-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

jobBackendContract("the database in the process", () => ({ kind: "embedded", folder }));

describe("the queue in a folder", () => {
  const place = join(folder, "queue");
  const opened = async (notices: string[] = []): Promise<JobBackend> => {
    const backend = await openJobBackend({ kind: "embedded", folder: place, onNotice: (each) => notices.push(each) });
    onTestFinished(() => backend.close());
    return backend;
  };

  test("is open in one place at a time, and whoever comes second moves nothing", async () => {
    await opened();
    const notices: string[] = [];
    const refused = await failure(opened(notices));
    expect([refused?.code, refused?.message]).toEqual([
      "QUEUE_UNAVAILABLE",
      expect.stringContaining("another process has the data folder open"),
    ]);
    expect([notices, readdirSync(place).toSorted()]).toEqual([[], ["lock", "postgres"]]);
  });

  test.each([
    ["where it begins", async () => "global/pg_control"],
    ["where the jobs are", jobsFile],
  ])("is moved aside and made anew when it is damaged %s", async (_, fileIn) => {
    const first = await opened();
    const queue = await openLaneQueue<{ job: object }>({ backend: first, name: "kept" });
    await queue.enqueue("job", {}, { id: "lost" });
    await first.close();
    const file = join(place, "postgres", await fileIn(join(place, "postgres")));
    writeFileSync(file, Buffer.alloc(statSync(file).size, 0x5a));
    const notices: string[] = [];
    const { lane, events } = await started(await opened(notices), async () => done, { name: "kept" });
    expect(notices).toEqual([expect.stringContaining(join(place, "postgres.damaged"))]);
    expect(readdirSync(place).toSorted()).toEqual(["lock", "postgres", "postgres.damaged"]);
    await lane.enqueue("job", {}, { id: "new" });
    await until(() => expect(events).toMatchObject([{ id: "new", outcome: "done" }]));
  });

  async function jobsFile(files: string): Promise<string> {
    const db = new PGlite(files);
    const { rows } = await db.query<{ path: string }>("select pg_relation_filepath('bullmq.job') as path");
    await db.close();
    return rows[0]?.path ?? "";
  }

  test("says when it cannot be used", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect((await failure(openJobBackend({ kind: "embedded", folder: file })))?.code).toBe("QUEUE_UNAVAILABLE");
  });
});

describe("a pool over one session", () => {
  const db = new PGlite();
  const pool = pglitePool(db);
  afterAll(() => db.close());

  test("keeps the statements of others out of a transaction", async () => {
    await pool.query("create table seen (by text)");
    const [one, two] = [await pool.connect(), await pool.connect()];
    await one.query("begin");
    await one.query("insert into seen values ($1)", ["one"]);
    const others = [pool.query("insert into seen values ($1)", ["pool"]), two.query("insert into seen values ('two')")];
    // Time enough for whoever does not wait.
    for (let turn = 0; turn < 10; turn++) await one.query("insert into seen values ('one')");
    await one.query("rollback");
    await Promise.all(others);
    await two.query("BEGIN");
    await two.query("insert into seen values ('lost')");
    // Given back in the middle: the transaction is over, and others get their turn.
    two.release();
    expect((await pool.query("select by from seen order by by")).rows).toEqual([{ by: "pool" }, { by: "two" }]);
  });

  test("tells each client what it is notified of until it is given back", async () => {
    const [one, two] = [await pool.connect(), await pool.connect()];
    const heard: unknown[] = [];
    one.on("notification", ({ channel, payload }) => heard.push(["one", channel, payload]));
    two.on("notification", ({ payload }) => heard.push(["two", payload]));
    await one.query("listen news");
    two.release();
    await pool.query("select pg_notify('news', 'hello')");
    await until(() => expect(heard).toEqual([["one", "news", "hello"]]));
  });
});
