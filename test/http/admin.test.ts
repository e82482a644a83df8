import { describe, expect, onTestFinished, test } from "vitest";
import { memoryAuditLog } from "../../src/adapters/memory-audit-log.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { AdminActs } from "../../src/http/admin-acts.ts";
import type { AuditLog, PartitionRecord } from "../../src/ports.ts";
import { bearer, failedJob, otherToken, rejectedMonth, sampleActs, sampleAdmin, token } from "./operators.ts";
import { type Running, runSample } from "./running.ts";

interface Started {
  readonly run: Running;
  /** What the queue was asked. */
  readonly asked: readonly string[];
  readonly auditLog: AuditLog;
}

async function start(change: { acts?: Partial<AdminActs>; auditLog?: AuditLog } = {}): Promise<Started> {
  const asked: string[] = [];
  const { tokens } = sampleAdmin();
  const auditLog = change.auditLog ?? memoryAuditLog();
  const acts = { ...sampleActs(asked), ...change.acts };
  const run = await runSample({ admin: { tokens, auditLog, acts } });
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { run, asked, auditLog };
}

function audited(entries: Awaited<ReturnType<AuditLog["list"]>>): string[] {
  return entries.map(({ actor, act, detail, outcome }) => [actor, act, detail, outcome].join(" ")).toReversed();
}

describe("an act", () => {
  test.for<readonly [act: string, body: string, asked: string, queued: readonly object[], detail: string]>([
    ["close", '{"month":"2026-03"}', "close 2026-03", [{ job: "close", month: "2026-03" }], "2026-03"],
    ["close", "{}", "close", [{ job: "close" }], ""],
    ["anchor", '{"month":"2026-02"}', "anchor 2026-02", [{ job: "anchor", month: "2026-02" }], "2026-02"],
    ["retry", `{"job":"${failedJob}"}`, `retry ${failedJob}`, [{ job: failedJob }], failedJob],
    ["retry", `{"job":"${rejectedMonth}"}`, `retry ${rejectedMonth}`, [{ job: rejectedMonth }], rejectedMonth],
    ["reconcile", "{}", "reconcile", [{ job: "reconcile" }], ""],
    ["pause", "{}", "pause", [], ""],
    ["resume", "{}", "resume", [], ""],
  ])("%s %s is queued, and audited before and after", async ([act, body, expected, queued, detail]) => {
    const { run, asked, auditLog } = await start();
    const answer = await run.post(`/v1/admin/${act}`, body, bearer);
    expect([answer.status, await answer.json()]).toEqual([202, { act, queued }]);
    expect([answer.headers.get("Cache-Control"), answer.headers.get("ETag")]).toEqual(["no-store", null]);
    expect(asked).toEqual([expected]);
    expect(audited(await auditLog.list(9))).toEqual([`alice ${act} ${detail} asked`, `alice ${act} ${detail} done`]);
    expect(run.log).toContainEqual({
      level: "info",
      message: "admin act",
      actor: "alice",
      act,
      detail,
      outcome: "done",
    });
  });

  test("is audited under the name of its token", async () => {
    const { run, auditLog } = await start();
    await run.post("/v1/admin/pause", "{}", { Authorization: `Bearer ${otherToken}` });
    expect(audited(await auditLog.list(1))).toEqual(["bob pause  done"]);
  });

  test("that fails is audited with its code, and one that is malformed too", async () => {
    const down = new SettlementError("QUEUE_UNAVAILABLE", "the job queue does not answer");
    const { run, auditLog } = await start({ acts: { close: () => Promise.reject(down) } });
    expect((await run.post("/v1/admin/close", "{}", bearer)).status).toBe(503);
    expect((await run.post("/v1/admin/anchor", '{"month":"soon"}', bearer)).status).toBe(400);
    expect((await run.post("/v1/admin/retry", '{"job":"nothing"}', bearer)).status).toBe(404);
    expect(audited(await auditLog.list(9))).toEqual([
      "alice close  asked",
      "alice close  QUEUE_UNAVAILABLE",
      "alice anchor  MONTH_MALFORMED",
      "alice retry nothing asked",
      "alice retry nothing JOB_NOT_FOUND",
    ]);
  });

  test("that is a bug is told as one, and audited", async () => {
    const { run, auditLog } = await start({ acts: { pause: () => Promise.reject(new TypeError("x")) } });
    const answer = await run.post("/v1/admin/pause", "{}", bearer);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([500, "INTERNAL_ERROR"]);
    expect(audited(await auditLog.list(1))).toEqual(["alice pause  INTERNAL_ERROR"]);
  });

  test("that cannot be audited is not done", async () => {
    const fault = new SettlementError("STATE_UNAVAILABLE", "the database does not answer");
    const { run, asked } = await start({ auditLog: { ...memoryAuditLog(), record: () => Promise.reject(fault) } });
    expect((await run.post("/v1/admin/close", "{}", bearer)).status).toBe(503);
    expect(asked).toEqual([]);
  });

  test("that was done is answered so, also when its end cannot be audited any more", async () => {
    const kept = memoryAuditLog();
    let records = 0;
    const fault = new SettlementError("STATE_UNAVAILABLE", "the database does not answer");
    const auditLog: AuditLog = {
      ...kept,
      record: (entry) => (++records === 1 ? kept.record(entry) : Promise.reject(fault)),
    };
    const { run, asked } = await start({ auditLog });
    expect((await run.post("/v1/admin/close", "{}", bearer)).status).toBe(202);
    expect([asked, audited(await kept.list(9))]).toEqual([["close"], ["alice close  asked"]]);
    expect(run.log).toContainEqual({
      level: "error",
      message: "audit log failed",
      actor: "alice",
      act: "close",
      error: fault,
    });
  });

  test.for<readonly [path: string, body: string, status: number, code: string]>([
    ["close", "", 400, "JSON_MALFORMED"],
    ["close", "[]", 400, "REQUEST_MALFORMED"],
    ["close", '{"month":"2026-03","force":true}', 400, "REQUEST_MALFORMED"],
    ["close", '{"month":3}', 400, "REQUEST_MALFORMED"],
    ["close", '{"month":"2026-03","month":"2026-04"}', 400, "JSON_DUPLICATE_KEY"],
    ["anchor", '{"month":"../../etc"}', 400, "MONTH_MALFORMED"],
    ["retry", '{"job":7}', 400, "REQUEST_MALFORMED"],
    ["retry", '{"job":"a b"}', 400, "REQUEST_MALFORMED"],
    ["pause", '{"month":"2026-03"}', 400, "REQUEST_MALFORMED"],
    ["pause", `{"x":"${"y".repeat(5000)}"}`, 413, "REQUEST_TOO_LARGE"],
  ])("%s of %s does nothing", async ([path, body, status, code]) => {
    const { run, asked } = await start();
    const answer = await run.post(`/v1/admin/${path}`, body, bearer);
    expect([answer.status, ((await answer.json()) as { code: string }).code, asked]).toEqual([status, code, []]);
  });
});

describe("without a token", () => {
  const paths = ["close", "anchor", "retry", "reconcile", "pause", "resume"];
  test.for([
    ...paths.map((path) => ["POST", path]),
    ...["jobs", "attempts", "status", "findings", "audit"].map((path) => ["GET", path]),
  ])("%s /v1/admin/%s is refused", async ([method = "", path]) => {
    const { run, asked, auditLog } = await start();
    for (const authorization of ["", "Bearer ", `Bearer ${token}x`, `Basic ${token}`, token]) {
      const headers = { Authorization: authorization };
      const target = `/v1/admin/${path}`;
      const answer = await (method === "POST" ? run.post(target, "{}", headers) : run.get(target, headers));
      expect([answer.status, answer.headers.get("WWW-Authenticate")]).toEqual([401, 'Bearer realm="settlement admin"']);
      expect(((await answer.json()) as { code: string }).code).toBe("ADMIN_TOKEN_REQUIRED");
    }
    expect([asked, await auditLog.list(9)]).toEqual([[], []]);
  });

  test("a body is not even read", async () => {
    const { run } = await start();
    const answer = await run.post("/v1/admin/close", "x".repeat(100_000), { "Content-Type": "text/plain" });
    expect(answer.status).toBe(401);
  });

  test("refusals are counted and said now and then, and fill no disk", async () => {
    const { run, auditLog } = await start();
    for (let at = 0; at < 50; at++) await run.post("/v1/admin/close", "{}", { Authorization: "Bearer guess" });
    const said = run.log.filter(({ message }) => message === "admin requests refused");
    expect(said).toEqual([{ level: "warn", message: "admin requests refused", count: 1 }]);
    expect(await auditLog.list(9)).toEqual([]);
  });

  test("no token is ever logged or answered", async () => {
    const { run } = await start();
    const answers = await Promise.all([
      run.post("/v1/admin/close", "{}", bearer),
      run.get("/v1/admin/audit", bearer),
      run.post("/v1/admin/close", "{}", { Authorization: `Bearer ${token}x` }),
    ]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(JSON.stringify([texts, run.log])).not.toContain(token.slice(8));
  });
});

describe("what operators see", () => {
  test("the queue", async () => {
    const { run } = await start();
    expect(await (await run.get("/v1/admin/jobs", bearer)).json()).toEqual({
      paused: false,
      lanes: { settle: { waiting: 1, active: 0, delayed: 0, failed: 1 } },
      failed: [
        {
          id: failedJob,
          job: "close",
          data: { month: "2026-03" },
          reason: "PARTITION_REJECTED: x",
          failedAt: "1970-01-01T00:00:01Z",
        },
      ],
    });
  });

  test("attempts, without their blobs", async () => {
    const { run } = await start();
    const { attempts } = (await (await run.get("/v1/admin/attempts", bearer)).json()) as { attempts: object[] };
    expect(attempts).toMatchObject([
      { month: "2026-01", state: "submitted", transactionHash: "AB".repeat(32), result: null },
    ]);
    expect(Object.keys(attempts[0] ?? {})).not.toContain("blob");
    expect(attempts[0]).toMatchObject({
      looks: [
        {
          act: "send",
          said: "terQUEUED",
          times: 3,
          firstAt: "1970-01-01T00:00:01Z",
          lastAt: "1970-01-01T00:00:09Z",
        },
      ],
    });
  });

  test("every month with its reason to wait, the account, and when work begins", async () => {
    const { run } = await start();
    const records: PartitionRecord[] = [
      { origin: "ledger.example/ledger", month: "2026-02", state: "rejected", reason: "X: y", changedUnixMs: 0 },
    ];
    const settling = { graceMs: 60_000, records: () => Promise.resolve(records), closedTimes: async () => new Map() };
    await using told = await runSample({ admin: sampleAdmin(), settling });
    expect(await (await told.get("/v1/admin/status", bearer)).json()).toMatchObject({
      months: [
        { month: "2026-01", state: "anchored", reason: null },
        { month: "2026-02", state: "rejected", reason: "X: y", attempts: 1 },
        { month: "2026-03", state: "open", reason: null },
      ],
      next: { month: "2026-03", closableAt: "2026-04-01T00:01:00Z", overdue: 0 },
      account: { balanceDrops: "12345678", anchorsLeft: "945473", isLow: false },
      validatedIndex: 4295,
      schedule: { graceMinutes: 20, closeCron: "20 0 1 * *" },
    });
    // Of a process that looks at no chain and validates nothing.
    expect(await (await run.get("/v1/admin/status", bearer)).json()).toMatchObject({
      account: null,
      validatedIndex: null,
      schedule: {},
    });
    expect(await (await run.get("/v1/admin/findings", bearer)).json()).toEqual({ at: null, findings: null });
  });

  test("what the validator finds, which is kept for a while", async () => {
    let runs = 0;
    const validate = (): Promise<readonly string[]> => Promise.resolve([`fault ${++runs}`]);
    await using run = await runSample({ admin: { ...sampleAdmin(), validate } });
    for (const _ of [1, 2]) {
      const answer = await run.get("/v1/admin/findings", bearer);
      expect(await answer.json()).toEqual({ at: "1970-01-01T00:00:00Z", findings: ["fault 1"] });
    }
  });

  test("the audit log, newest first", async () => {
    const { run } = await start();
    for (const act of ["pause", "resume"]) await run.post(`/v1/admin/${act}`, "{}", bearer);
    const answer = await run.get("/v1/admin/audit?limit=2", bearer);
    expect(await answer.json()).toEqual({
      entries: [
        { at: "1970-01-01T00:00:00Z", actor: "alice", act: "resume", detail: "", outcome: "done" },
        { at: "1970-01-01T00:00:00Z", actor: "alice", act: "resume", detail: "", outcome: "asked" },
      ],
    });
  });

  test("is not for pages of other origins", async () => {
    const { run } = await start();
    const { headers } = await run.get("/v1/admin/jobs", { ...bearer, Origin: "https://elsewhere.example" });
    expect([headers.get("Access-Control-Allow-Origin"), headers.get("Cross-Origin-Resource-Policy")]).toEqual([
      null,
      "same-origin",
    ]);
  });
});

test("without tokens there are no such routes", async () => {
  const run = await runSample();
  onTestFinished(() => run[Symbol.asyncDispose]());
  const answers = await Promise.all([
    run.post("/v1/admin/close", "{}", bearer),
    run.get("/v1/admin/jobs", bearer),
    run.get("/v1/admin", bearer),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
});
