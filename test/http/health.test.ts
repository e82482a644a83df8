import { describe, expect, onTestFinished, test } from "vitest";
import { openMetrics } from "../../src/adapters/metrics.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { AnsweredRequest, HttpDeps } from "../../src/http/context.ts";
import type { CheckReport, NodeCheck } from "../../src/http/node-check.ts";
import { type Running, runSample } from "./running.ts";

async function start(change: Partial<HttpDeps>): Promise<Running> {
  const run = await runSample(change);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

interface Readiness {
  readonly status: string;
  readonly checks: readonly CheckReport[];
}

async function readiness(run: Running): Promise<readonly [status: number, body: Readiness]> {
  const answer = await run.get("/readyz");
  return [answer.status, (await answer.json()) as Readiness];
}

const secretPath = "/srv/private/queue";
const down = new SettlementError("QUEUE_UNAVAILABLE", `redis at ${secretPath} does not answer`);

/** A check that can be broken and repaired. */
function breakable(isRequired: boolean): { readonly check: NodeCheck; error: unknown } {
  const state = { error: undefined as unknown };
  const look = async (): Promise<string> => {
    if (state.error !== undefined) throw state.error;
    return "3 jobs wait";
  };
  return Object.assign(state, { check: { name: "queue", isRequired, look } });
}

test("a process that answers lives, and says how busy it is", async () => {
  const run = await start({});
  const body = (await (await run.get("/healthz")).json()) as Record<string, unknown>;
  expect(body).toEqual({
    status: "ok",
    version: "0.0.0-test",
    uptimeS: expect.any(Number) as number,
    eventLoopDelayMs: expect.any(Number) as number,
  });
});

test("a loop that was blocked shows", async () => {
  const run = await start({});
  await run.get("/healthz");
  const until = performance.now() + 150;
  while (performance.now() < until);
  const { eventLoopDelayMs } = (await (await run.get("/healthz")).json()) as { eventLoopDelayMs: number };
  expect(eventLoopDelayMs).toBeGreaterThanOrEqual(100);
});

describe("a node", () => {
  test("is ready when everything it needs answers", async () => {
    const run = await start({ checks: [breakable(true).check] });
    const time = "1970-01-01T00:00:00Z";
    const ok = { status: "ok", required: true, since: time, lastOk: time, code: null };
    expect(await readiness(run)).toEqual([
      200,
      {
        status: "ready",
        checks: [
          { name: "ledger", ...ok, detail: null },
          { name: "state", ...ok, detail: null },
          { name: "queue", ...ok, detail: "3 jobs wait" },
        ],
      },
    ]);
  });

  test("is not without what it requires; it says what, and not where", async () => {
    const queue = breakable(true);
    queue.error = down;
    const run = await start({ checks: [queue.check] });
    const answer = await run.get("/readyz");
    const text = await answer.text();
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(JSON.parse(text)).toMatchObject({
      status: "not ready",
      checks: [
        { name: "ledger" },
        { name: "state" },
        { name: "queue", status: "failing", lastOk: null, code: "QUEUE_UNAVAILABLE" },
      ],
    });
    expect(text).not.toContain(secretPath);
    const old = await run.get("/v1/ready");
    expect([old.status, await old.json()]).toEqual([
      503,
      {
        ready: false,
        reasons: ["queue: it does not answer as it should; the log of the server says more (QUEUE_UNAVAILABLE)"],
      },
    ]);
    expect(run.log).toContainEqual({ level: "warn", message: "check fails", check: "queue", error: down });
  });

  test("goes on without what it does not require, and shows it", async () => {
    const queue = breakable(false);
    queue.error = down;
    const run = await start({ checks: [queue.check] });
    const [status, { checks }] = await readiness(run);
    expect([status, checks.at(-1)?.status]).toEqual([200, "failing"]);
    expect(await (await run.get("/v1/ready")).json()).toEqual({ ready: true, reasons: [] });
  });

  test("says since when, and when it was last well; the log hears of changes alone", async () => {
    let nowUnixMs = 1000;
    const queue = breakable(true);
    const run = await start({ checks: [queue.check], clock: () => nowUnixMs });
    const seen: unknown[] = [];
    for (const error of [undefined, undefined, down, down, undefined]) {
      queue.error = error;
      const report = (await readiness(run))[1].checks.at(-1);
      seen.push([report?.status, report?.since.slice(17), report?.lastOk?.slice(17)]);
      nowUnixMs += 1000;
    }
    expect(seen).toEqual([
      ["ok", "01Z", "01Z"],
      ["ok", "01Z", "02Z"],
      ["failing", "03Z", "02Z"],
      ["failing", "03Z", "02Z"],
      ["ok", "05Z", "05Z"],
    ]);
    const said = run.log.filter(({ message }) => message.startsWith("check"));
    expect(said.map(({ message }) => message)).toEqual(["check fails", "check passes again"]);
  });

  test("takes a bug in a check for a failure of what it checks", async () => {
    const queue = breakable(true);
    queue.error = new TypeError(secretPath);
    const [status, { checks }] = await readiness(await start({ checks: [queue.check] }));
    expect([status, checks.at(-1)]).toMatchObject([503, { status: "failing", code: "INTERNAL_ERROR" }]);
    expect(JSON.stringify(checks)).not.toContain(secretPath);
  });

  test("does not wait for ever, and asks once", async () => {
    let asked = 0;
    const hangs: NodeCheck = {
      name: "xrpl",
      isRequired: false,
      timeoutMs: 50,
      look: () => {
        asked++;
        return new Promise(() => undefined);
      },
    };
    const run = await start({ checks: [hangs] });
    for (let at = 0; at < 2; at++) {
      const [status, { checks }] = await readiness(run);
      expect([status, checks.at(-1)?.detail]).toEqual([200, "it gave no answer within 0.05 seconds"]);
    }
    expect(asked).toBe(1);
  });

  test("gives the reasons it was told", async () => {
    let reasons: readonly string[] = ["it is being drained"];
    const run = await start({ notReady: async () => reasons });
    expect(await (await run.get("/v1/ready")).json()).toEqual({ ready: false, reasons: ["node: it is being drained"] });
    expect((await readiness(run))[1].checks.at(-1)).toMatchObject({ name: "node", detail: "it is being drained" });
    reasons = [];
    expect((await readiness(run))[0]).toBe(200);
  });
});

describe("metrics", () => {
  test("are there in the format of Prometheus", async () => {
    const { metricsText } = openMetrics();
    const run = await start({ metrics: metricsText });
    const answer = await run.get("/metrics");
    expect([answer.status, answer.headers.get("Content-Type"), answer.headers.get("Cache-Control")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "no-store",
    ]);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
    expect(await answer.text()).toMatch(/^# TYPE settlement_queue_jobs gauge$/m);
  });

  test("hear of each request by its route, never by what a stranger wrote", async () => {
    const requests: AnsweredRequest[] = [];
    const run = await start({ onRequest: (request) => requests.push(request) });
    await run.get("/v1/partitions/2026-01");
    await run.get("/v1/partitions/nonsense");
    await run.get("/v1/a-guess");
    await run.post("/v1/partitions", "{}");
    await run.get("/v1/partitions/2026-01/tile/0/000");
    await expect.poll(() => requests.length).toBe(5);
    expect(requests.map(({ route, status }) => `${status} ${route}`)).toEqual([
      "200 /v1/partitions/:month",
      "400 /v1/partitions/:month",
      "404 none",
      "405 /v1/partitions",
      "200 /v1/partitions/:month/tile/*tile",
    ]);
    expect(requests.every(({ durationMs }) => durationMs > 0)).toBe(true);
  });
});
