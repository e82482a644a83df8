import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, test } from "vitest";
import { memoryNotices } from "../../src/adapters/memory-notices.ts";
import { webhookSender } from "../../src/adapters/webhook-sender.ts";
import type { Notices, WebhookEndpoint } from "../../src/ports.ts";
import { type EndpointReport, nextTryMs, noticeDelivery, retryWaitsMs } from "../../src/settle/deliver-notices.ts";
import { noticeOf } from "../../src/settle/notices.ts";
import type { MonthFact } from "../../src/settle/settle-months.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const startUnixMs = Date.UTC(2026, 3, 1);
const send = webhookSender({ userAgent: "settlement-test/1", timeoutMs: 2000 });

let nowUnixMs: number;
let notices: Notices;
let receiver: Receiver;
beforeEach(async () => {
  nowUnixMs = startUnixMs;
  notices = memoryNotices();
  receiver = await startReceiver();
});

function fact(month: string, change: Partial<MonthFact> = {}): MonthFact {
  return { type: "partition.closed", origin: "ledger.example/ledger", month, network: "local", ...change };
}

async function tell(...facts: readonly MonthFact[]): Promise<void> {
  for (const each of facts) await notices.record(noticeOf(each, nowUnixMs));
}

function endpoint(at: Receiver, change: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  const types = ["partition.closed", "partition.anchored", "partition.failed"] as const;
  return { name: at.url, url: at.url, secrets: [secret], types, ...change };
}

function delivery(...endpoints: readonly WebhookEndpoint[]): () => Promise<readonly EndpointReport[]> {
  const clock = (): number => nowUnixMs;
  return noticeDelivery({ notices, endpoints: endpoints.length > 0 ? endpoints : [endpoint(receiver)], send, clock });
}

function ids({ received }: Receiver): unknown[] {
  return received.map(({ headers }) => headers["webhook-id"]);
}

function months({ received }: Receiver): string[] {
  return received.map(({ body }) => (JSON.parse(body) as { data: { month: string } }).data.month);
}

function failing(status: number): void {
  receiver.answer = (response) => response.writeHead(status).end();
}

function working(): void {
  failing(204);
}

test("every notice is delivered once, oldest first, signed", async () => {
  await tell(fact("2026-01"), fact("2026-02"), fact("2026-03"));
  const deliver = delivery();
  expect(await deliver()).toEqual([{ endpoint: receiver.url, delivered: 3 }]);
  expect(await deliver()).toEqual([{ endpoint: receiver.url, delivered: 0 }]);
  expect(months(receiver)).toEqual(["2026-01", "2026-02", "2026-03"]);
  for (const { body, headers } of receiver.received)
    new Webhook(secret).verify(body, headers as Record<string, string>);
});

test("what fails comes again under the same id, with the same body, at the time of the schedule, until it is given up", async () => {
  await tell(fact("2026-01"));
  const deliver = delivery();
  failing(500);
  for (const [at, waitMs] of retryWaitsMs.entries()) {
    const [report] = await deliver();
    expect(report).toMatchObject({
      delivered: 0,
      fault: "HTTP 500",
      isGivenUp: false,
      nextDueUnixMs: nowUnixMs + waitMs,
    });
    nowUnixMs += waitMs - 1;
    expect(await deliver()).toMatchObject([{ delivered: 0, nextDueUnixMs: nowUnixMs + 1 }]);
    expect(receiver.received).toHaveLength(at + 1);
    nowUnixMs += 1;
  }
  const [last] = await deliver();
  expect(last).toEqual({ endpoint: receiver.url, delivered: 0, fault: "HTTP 500", isGivenUp: true, isGone: false });
  nowUnixMs += 7 * 86_400_000;
  working();
  expect(await deliver()).toEqual([{ endpoint: receiver.url, delivered: 0 }]);
  expect(receiver.received).toHaveLength(10);
  expect(new Set(ids(receiver)).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
});

test("a node that starts anew goes by the timetable, and wastes no tries after a long pause", async () => {
  await tell(fact("2026-01"));
  failing(500);
  await delivery()();
  nowUnixMs = startUnixMs + 4999;
  expect(await delivery()()).toMatchObject([{ delivered: 0, nextDueUnixMs: startUnixMs + 5000 }]);
  expect(receiver.received).toHaveLength(1);
  // By the timetable all tries are over: the next one is made at once, those after it at their distance.
  nowUnixMs = startUnixMs + 20 * 86_400_000;
  const deliver = delivery();
  expect(await deliver()).toMatchObject([{ fault: "HTTP 500", nextDueUnixMs: nowUnixMs + 300_000 }]);
  await deliver();
  expect(receiver.received).toHaveLength(2);
});

test("an endpoint that fails is left alone for the run, and its backlog is not lost", async () => {
  await tell(fact("2026-01"), fact("2026-02"));
  const deliver = delivery();
  failing(503);
  expect(await deliver()).toMatchObject([{ fault: "HTTP 503", nextDueUnixMs: nowUnixMs + 5000 }]);
  expect(months(receiver)).toEqual(["2026-01"]);
  nowUnixMs += 5000;
  working();
  expect(await deliver()).toEqual([{ endpoint: receiver.url, delivered: 2 }]);
  expect(months(receiver)).toEqual(["2026-01", "2026-01", "2026-02"]);
});

test("a notice that its receiver cannot take holds up no other", async () => {
  await tell(fact("2026-01"), fact("2026-02"), fact("2026-03"));
  const deliver = delivery();
  receiver.answer = (response, { body }) => response.writeHead(body.includes("2026-01") ? 400 : 204).end();
  await deliver();
  nowUnixMs += 1000;
  expect(await deliver()).toMatchObject([{ delivered: 2, nextDueUnixMs: startUnixMs + 5000 }]);
  expect(months(receiver)).toEqual(["2026-01", "2026-02", "2026-03"]);
});

test("one endpoint's trouble is not another's", async () => {
  const other = await startReceiver();
  await tell(fact("2026-01"));
  failing(500);
  const reports = await delivery(endpoint(receiver), endpoint(other))();
  expect(reports.map(({ delivered }) => delivered)).toEqual([0, 1]);
  expect(months(other)).toEqual(["2026-01"]);
});

test("410 Gone ends it for that endpoint", async () => {
  await tell(fact("2026-01"), fact("2026-02"));
  const deliver = delivery();
  failing(410);
  expect(await deliver()).toEqual([
    { endpoint: receiver.url, delivered: 0, fault: "HTTP 410", isGivenUp: false, isGone: true },
  ]);
  working();
  nowUnixMs += 86_400_000;
  expect(await deliver()).toEqual([]);
  expect(receiver.received).toHaveLength(1);
});

test("only what an endpoint asked for is delivered, and nothing of long ago", async () => {
  await tell(fact("2025-12"));
  nowUnixMs += 31 * 86_400_000;
  await tell(fact("2026-01"), fact("2026-01", { type: "partition.anchored", transactionHash: "AB".repeat(32) }));
  await delivery(endpoint(receiver, { types: ["partition.closed"] }))();
  expect(months(receiver)).toEqual(["2026-01"]);
});

describe("the time until the next try", () => {
  const report = { endpoint: "x", delivered: 0 };
  test("is that of the first endpoint that waits", () => {
    const reports = [report, { ...report, nextDueUnixMs: 9000 }, { ...report, nextDueUnixMs: 7000 }];
    expect(nextTryMs(reports, 2000)).toBe(5000);
  });
  test("is a second at least, and none where nothing is left", () => {
    expect(nextTryMs([{ ...report, nextDueUnixMs: 1000 }], 2000)).toBe(1000);
    expect(nextTryMs([report], 2000)).toBeUndefined();
  });
});

describe("a notice", () => {
  const anchored = fact("2026-01", {
    type: "partition.anchored",
    manifestHash: "ab".repeat(32),
    transactionHash: "CD".repeat(32),
    ledgerIndex: 4242,
  });

  test("tells type, time and facts", () => {
    const { type: _type, ...data } = anchored;
    expect(noticeOf(anchored, startUnixMs)).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{40}$/) as string,
      type: "partition.anchored",
      createdUnixMs: startUnixMs,
      body: { type: "partition.anchored", timestamp: "2026-04-01T00:00:00Z", data },
    });
  });

  test("of the same fact has the same id, whenever it is made", async () => {
    const ids = [noticeOf(anchored, 1).id, noticeOf({ ...anchored, ledgerIndex: 1 }, 2).id];
    expect(new Set(ids).size).toBe(1);
    await tell(anchored, anchored);
    nowUnixMs += 1000;
    await tell(anchored);
    expect(await delivery()()).toMatchObject([{ delivered: 1 }]);
  });

  test("of another fact has another id", () => {
    const failed = fact("2026-01", { type: "partition.failed", code: "PARTITION_REJECTED", reason: "a" });
    const facts = [
      anchored,
      { ...anchored, type: "partition.proven" as const },
      { ...anchored, origin: "other.example/ledger" },
      { ...anchored, month: "2026-02" },
      { ...anchored, manifestHash: "cd".repeat(32) },
      { ...anchored, transactionHash: "EF".repeat(32) },
      failed,
      { ...failed, code: "PARTITION_ALTERED" as const },
      { ...failed, reason: "b" },
    ];
    expect(new Set(facts.map((each) => noticeOf(each, 1).id)).size).toBe(facts.length);
  });

  test("of the same trouble with other numbers is no news", () => {
    const failed = (reason: string): string =>
      noticeOf(fact("2026-01", { type: "partition.failed", code: "ANCHOR_HISTORY_INCOMPLETE", reason }), 1).id;
    expect(failed("ledgers 1 to 200 are missing")).toBe(failed("ledgers 1 to 3456 are missing"));
  });
});
