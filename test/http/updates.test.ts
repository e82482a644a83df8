import { describe, expect, onTestFinished, test } from "vitest";
import { SettlementError } from "../../src/core/error.ts";
import type { HttpDeps } from "../../src/http/context.ts";
import type { PartitionRecord } from "../../src/ports.ts";
import { limited, problemIn, until } from "./limited.ts";
import { type Running, runSample } from "./running.ts";
import { closedSample } from "./sample-ledger.ts";

/** Somebody who listens: what he was told, in order, and how he leaves. */
interface Listener {
  readonly response: Response;
  readonly told: string[];
  /** Resolves once the server ended it. */
  readonly ended: Promise<void>;
  leave(): void;
}

async function listen(url: string): Promise<Listener> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/v1/updates`, { signal: leaving.signal });
  const told: string[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) told.push(Buffer.from(chunk).toString());
  };
  const ended = read().catch(() => undefined);
  onTestFinished(() => leaving.abort());
  return { response, told, ended, leave: () => leaving.abort() };
}

/** The data of every event that was told. */
function dataIn({
  told,
}: Listener): readonly { months: { month: string; status: string; count: number }[]; next: unknown }[] {
  return Array.from(
    told.join("").matchAll(/^event: months\ndata: (.*)\n$/gm),
    ([, data = ""]) => JSON.parse(data) as never,
  );
}

async function started(change: Partial<HttpDeps> = {}): Promise<Running> {
  const run = await runSample({ updates: { lookMs: 5, beatMs: 20 }, ...change });
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

const record: PartitionRecord = {
  origin: "ledger.example/ledger",
  month: "2026-02",
  state: "rejected",
  reason: "/secret/path",
  changedUnixMs: 0,
};

const closedTimes = async (): Promise<ReadonlyMap<string, number>> =>
  new Map([["2026-01", Date.parse("2026-02-01T00:20:04Z")]]);

describe("who listens to updates", () => {
  test("is told at once how far the months are, and again when that changes, without reasons", async () => {
    const records: PartitionRecord[] = [];
    const run = await started({
      settling: { graceMs: 60_000, records: () => Promise.resolve([...records]), closedTimes },
    });
    const listener = await listen(run.server.url);
    const { headers } = listener.response;
    expect([headers.get("Content-Type"), headers.get("Cache-Control"), headers.get("ETag")]).toEqual([
      "text/event-stream",
      "no-store",
      null,
    ]);
    await until(() => dataIn(listener).length === 1);
    const before = [
      { month: "2026-01", status: "proven", count: 300, closedAt: "2026-02-01T00:20:04Z" },
      { month: "2026-02", status: "closed", count: 3, closedAt: null },
      { month: "2026-03", status: "open", count: 2, closedAt: null },
    ];
    const next = { month: "2026-03", closableAt: "2026-04-01T00:01:00Z", overdue: 0 };
    expect(dataIn(listener)).toEqual([{ months: before, next }]);
    records.push(record);
    await until(() => dataIn(listener).length === 2);
    expect(dataIn(listener)[1]?.months[1]).toEqual({ month: "2026-02", status: "rejected", count: 3, closedAt: null });
    expect(listener.told.join("")).not.toContain("secret");
  });

  test("gets signs of life, and nothing twice", async () => {
    const run = await started();
    const listener = await listen(run.server.url);
    await until(() => listener.told.join("").split("\n:\n").length > 3);
    expect(dataIn(listener)).toHaveLength(1);
  });

  test("is not among too many, and leaves his place to others", async () => {
    const run = await started({ updates: { clients: 2, lookMs: 5 } });
    const [first] = await Promise.all([listen(run.server.url), listen(run.server.url)]);
    const refused = await run.get("/v1/updates");
    expect(await problemIn(refused)).toMatchObject({ status: 503, code: "SERVER_BUSY" });
    first.leave();
    await first.ended;
    await until(async () => {
      const again = await listen(run.server.url);
      return again.response.ok;
    });
  });

  test("is let go when the server stops", async () => {
    const run = await started();
    const listener = await listen(run.server.url);
    await run.server.close();
    await listener.ended;
    expect(dataIn(listener)).toHaveLength(1);
  });

  test("is never cut off as somebody who does not take his answer, and holds no place among requests", async () => {
    const { ledger, archive } = await closedSample();
    // Far more than an answer takes, on a busy machine too, and far less than the listener stays.
    const connections = { answerTimeoutMs: 1000, checkEveryMs: 5 };
    const server = await limited({ requests: 1, waiting: 0 }, connections, {
      ledger,
      archive,
      updates: { lookMs: 5, beatMs: 10 },
    });
    const listener = await listen(server.server.url);
    await until(() => listener.told.join("").split("\n:\n").length > 150);
    expect((await server.get("/v1/partitions")).status).toBe(200);
    expect(server.shed).toEqual([]);
  });

  test("with HEAD gets the headers alone", async () => {
    const run = await started();
    const response = await fetch(`${run.server.url}/v1/updates`, { method: "HEAD" });
    expect([response.status, response.headers.get("Content-Type"), await response.text()]).toEqual([
      200,
      "text/event-stream",
      "",
    ]);
  });
});

test("a state that is away leaves what the files say", async () => {
  const away = new SettlementError("STATE_UNAVAILABLE", "the database does not answer");
  const run = await started({ settling: { graceMs: 0, records: () => Promise.reject(away), closedTimes } });
  const { partitions } = (await (await run.get("/v1/partitions")).json()) as { partitions: { status: string }[] };
  expect(partitions.map(({ status }) => status)).toEqual(["proven", "closed", "open"]);
});
