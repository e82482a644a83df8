import { beforeEach, expect, test } from "vitest";
import { type Metrics, openMetrics } from "../../src/adapters/metrics.ts";

let nowUnixMs: number;
let metrics: Metrics;
beforeEach(() => {
  nowUnixMs = 1_000_000;
  metrics = openMetrics(() => nowUnixMs);
});

/** Samples of our own metrics, `name{labels}` with its value. */
async function samples(): Promise<Record<string, number>> {
  const lines = (await metrics.metricsText()).split("\n").filter((line) => line.startsWith("settlement_"));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ""), Number(/\S+$/.exec(line)?.[0])]));
}

test("nothing is said of what was never fed, so that no alarm takes a 0 for a fact", async () => {
  expect(await samples()).toEqual({});
});

test("each has its value", async () => {
  metrics.queue({ settle: { waiting: 2, failed: 1 }, notify: { waiting: 0 } });
  metrics.anchorAttempt("anchored");
  metrics.anchorAttempt("anchored");
  metrics.anchorAttempt("expired");
  metrics.months({ open: 1, closed: 2 });
  metrics.account({ balanceDrops: 100_000_000_000_000_000n, anchorsLeft: 7n });
  metrics.feePaid(12);
  metrics.shed("rate");
  metrics.ledger({ validatedIndex: 4242, closeTimeUnixMs: 996_000 });
  metrics.oldestUnanchored(400_000);
  expect(await samples()).toEqual({
    'settlement_queue_jobs{lane="settle",state="waiting"}': 2,
    'settlement_queue_jobs{lane="settle",state="failed"}': 1,
    'settlement_queue_jobs{lane="notify",state="waiting"}': 0,
    'settlement_anchor_attempts_total{outcome="anchored"}': 2,
    'settlement_anchor_attempts_total{outcome="expired"}': 1,
    'settlement_months{state="open"}': 1,
    'settlement_months{state="closed"}': 2,
    settlement_account_balance_drops: 100_000_000_000_000_000,
    settlement_account_anchors_left: 7,
    settlement_last_fee_drops: 12,
    'settlement_http_shed_total{reason="rate"}': 1,
    settlement_validated_ledger_index: 4242,
    settlement_ledger_lag_seconds: 4,
    settlement_oldest_unanchored_age_seconds: 600,
  });
});

test("what is over is gone", async () => {
  metrics.months({ closed: 1 });
  metrics.queue({ settle: { waiting: 1 } });
  metrics.months({ anchored: 1 });
  metrics.queue({ notify: { waiting: 1 } });
  expect(await samples()).toMatchObject({ 'settlement_months{state="anchored"}': 1 });
  expect(Object.keys(await samples())).toHaveLength(2);
});

test("ages grow while nobody feeds them, and waiting ends", async () => {
  metrics.ledger({ validatedIndex: 1, closeTimeUnixMs: 1_000_000 });
  metrics.oldestUnanchored(1_000_000);
  const ages = async (): Promise<number[]> => {
    const found = await samples();
    return [found["settlement_ledger_lag_seconds"] ?? -1, found["settlement_oldest_unanchored_age_seconds"] ?? -1];
  };
  expect(await ages()).toEqual([0, 0]);
  nowUnixMs += 90_000;
  expect(await ages()).toEqual([90, 90]);
  metrics.oldestUnanchored(undefined);
  expect(await ages()).toEqual([90, 0]);
  // A clock behind that of the network makes no negative age.
  nowUnixMs = 0;
  expect(await ages()).toEqual([0, 0]);
});

test("durations are counted in buckets of seconds, by what they are of", async () => {
  metrics.job({ job: "anchor", outcome: "done", durationMs: 300 });
  metrics.job({ job: "anchor", outcome: "retry", durationMs: 20_000 });
  metrics.request({ route: "/v1/events/:id", status: 200, durationMs: 30 });
  expect(await samples()).toMatchObject({
    'settlement_job_duration_seconds_bucket{le="0.25",job="anchor",outcome="done"}': 0,
    'settlement_job_duration_seconds_bucket{le="1",job="anchor",outcome="done"}': 1,
    'settlement_job_duration_seconds_sum{job="anchor",outcome="retry"}': 20,
    'settlement_http_request_duration_seconds_bucket{le="0.05",route="/v1/events/:id",status="200"}': 1,
    'settlement_http_request_duration_seconds_count{route="/v1/events/:id",status="200"}': 1,
  });
});

test("every metric says what it is, ours in our own name", async () => {
  const text = await metrics.metricsText();
  const names = Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name = ""]) => name);
  for (const name of names) expect(text).toMatch(new RegExp(`^# HELP ${name} \\S{3,}`, "m"));
  expect(names.filter((name) => !/^(settlement|process|nodejs)_/.test(name))).toEqual([]);
  expect(names.filter((name) => name.startsWith("settlement_"))).toHaveLength(12);
  expect(names).toEqual(expect.arrayContaining(["process_cpu_seconds_total", "nodejs_eventloop_lag_seconds"]));
});

test("two of them in one process are two", async () => {
  const other = openMetrics();
  other.feePaid(99);
  metrics.feePaid(12);
  expect(await samples()).toMatchObject({ settlement_last_fee_drops: 12 });
});
