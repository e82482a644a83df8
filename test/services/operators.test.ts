import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { freePort } from "../../scripts/local-servers.ts";
import { writeMonths } from "../runbook/small-ledger.ts";
import { cli } from "../support/cli.ts";
import { freshDatabase, freshRedis } from "../support/services.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-operators-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const token = "t".repeat(40);
const [state, redis] = [await freshDatabase(), await freshRedis()];
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 });
  return join(folder, name);
};
const ledger = join(folder, "ledger");
const settings = {
  ledger,
  data: join(folder, "data"),
  "state-url-file": file("state-url", state),
  queue: "redis",
  "redis-file": file("redis-url", redis),
  network: "local",
};
const shared = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
const tokens = ["--admin-tokens-file", file("tokens", `alice ${token}`)];

interface Served {
  readonly url: string;
  ask(path: string, body?: object): Promise<{ readonly status: number; readonly json: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** `settlement serve` on a port of its own. */
async function serve(): Promise<Served> {
  const stop = new AbortController();
  const port = await freePort();
  const ended = cli(["serve", ...shared, ...tokens, "--port", String(port), "--format", "json"], {}, stop.signal);
  const url = `http://127.0.0.1:${port}`;
  const isUp = (): Promise<boolean> =>
    fetch(`${url}/v1/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const hasEnded = ended.then(({ err }) => Promise.reject(new Error(err)));
  while (!(await Promise.race([isUp(), hasEnded]))) await sleep(50);
  hasEnded.catch(() => undefined);
  return {
    url,
    async ask(path, body) {
      const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      const answer = await fetch(`${url}${path}`, { ...init, headers });
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
    },
    async stop() {
      stop.abort();
      expect((await ended).code).toBe(0);
    },
  };
}

test("an API of its own shares state and queue with the worker, and operators act through it", async () => {
  writeMonths(ledger, ["2026-09"]);
  const api = await serve();
  const ready = await api.ask("/readyz");
  expect(ready.json).toMatchObject({
    status: "ready",
    checks: [{ name: "ledger" }, { name: "state" }, { name: "queue", status: "ok" }],
  });
  expect((await api.ask("/v1/admin/pause", {})).status).toBe(202);

  const stop = new AbortController();
  const metricsPort = String(await freePort());
  const worker = cli(["worker", ...shared, "--metrics-port", metricsPort, "--format", "json"], {}, stop.signal);
  // What is queued while the queue is paused waits, until it is resumed through the API.
  expect((await api.ask("/v1/admin/close", { month: "2026-09" })).json).toEqual({
    act: "close",
    queued: [{ job: "close", month: "2026-09" }],
  });
  expect((await api.ask("/v1/admin/jobs")).json).toMatchObject({ paused: true, failed: [] });
  expect((await api.ask("/v1/admin/attempts")).json).toEqual({ attempts: [] });
  expect((await api.ask("/v1/admin/resume", {})).status).toBe(202);
  const isAnchored = async (): Promise<boolean> => {
    const { json } = await api.ask("/v1/admin/attempts");
    return (json["attempts"] as { state: string }[]).some((attempt) => attempt.state === "anchored");
  };
  while (!(await isAnchored())) await sleep(100);
  const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).then((answer) => answer.text());
  expect(metrics).toMatch(/^settlement_job_duration_seconds_count\{[^}]*job="close"[^}]*\} [1-9]/m);
  expect((await fetch(`http://127.0.0.1:${metricsPort}/v1/partitions`)).status).toBe(404);
  const { json: audit } = await api.ask("/v1/admin/audit");
  expect(
    (audit["entries"] as { act: string; outcome: string }[]).map(({ act, outcome }) => `${act} ${outcome}`),
  ).toEqual(expect.arrayContaining(["pause done", "close done", "resume done"]));
  await api.stop();
  stop.abort();
  expect((await worker).code).toBe(0);
});

test("operators' endpoints need what two processes can share", async () => {
  const alone = ["serve", "--ledger", ledger, "--data", join(folder, "other"), "--network", "local", ...tokens];
  const { code, err } = await cli([...alone, "--port", "0"]);
  expect([code, err]).toEqual([2, expect.stringContaining("CONFIG_INVALID")]);
  expect(err).toContain("--state-url-file");
});
