import { describe, expect, test } from "vitest";
import { submitEvents } from "../../src/adapters/event-submission.ts";
import { nativeEvent, releasePayload } from "../support/build-ledger.ts";
import { eventsServer, type Reply } from "../support/events-server.ts";
import { failure } from "../support/temporary-folder.ts";

const event = nativeEvent("ReleasePublished", "a/b", "2026-03-01T10:00:00Z", releasePayload("a/b", "1.0.0"));
const other = nativeEvent("ReleasePublished", "a/b", "2026-03-02T10:00:00Z", releasePayload("a/b", "1.1.0"));
const accepted = { id: event.id, state: "accepted", month: "2026-03", leafIndex: 4, checkpoint: "a\n" };
const good: Reply = { status: 200, body: { answers: [accepted] } };

interface Submitted {
  readonly code: string;
  readonly message: string;
  readonly requests: number;
  readonly waits: readonly number[];
}

async function submitted(replies: readonly Reply[], path = ""): Promise<Submitted> {
  const server = await eventsServer(replies);
  const waits: number[] = [];
  const pause = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const error = await failure(submitEvents([event], { url: server.url + path, pause }));
  return { code: error?.code ?? "ok", message: error?.message ?? "", requests: server.asked.length, waits };
}

test("hands events in as one request and gives back one answer for each", async () => {
  const server = await eventsServer([
    {
      status: 200,
      body: {
        answers: [accepted, { id: other.id, state: "refused", code: "X", reason: "r", hint: null, month: null }],
      },
    },
  ]);
  const answers = await submitEvents([event, other], { url: `${server.url}/net/` });
  expect(answers).toEqual([accepted, { id: other.id, state: "refused", code: "X", reason: "r" }]);
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]).toMatchObject({ method: "POST", path: "/net/v1/events" });
  expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({ events: [event, other] });
  expect(server.asked[0]?.headers.authorization).toBeUndefined();
});

test("hands many in by several requests", async () => {
  const server = await eventsServer(({ body }) => {
    const { events } = JSON.parse(body) as { readonly events: readonly { readonly id: string }[] };
    return Promise.resolve({ status: 200, body: { answers: events.map(({ id }) => ({ id, state: "known" })) } });
  });
  const many = Array.from({ length: 1001 }, () => event);
  expect(await submitEvents(many, { url: server.url })).toHaveLength(1001);
  const large = Array.from({ length: 3 }, () => ({ ...event, note: "x".repeat(900_000) }));
  expect(await submitEvents(large, { url: server.url })).toHaveLength(3);
  const counts = server.asked.map(
    ({ body }) => (JSON.parse(body) as { readonly events: readonly unknown[] }).events.length,
  );
  expect(counts).toEqual([500, 500, 1, 2, 1]);
});

describe("asks again", () => {
  test.for<[string, readonly Reply[], readonly number[]]>([
    ["as long as 429 says", [{ status: 429, headers: { "retry-after": "7" } }, good], [7000]],
    ["as long as 503 says", [{ status: 503, headers: { "retry-after": "0" } }, good], [0]],
    ["ever later where nothing is said", [{ status: 503 }, { status: 502 }, { status: 500 }, good], [1000, 2000, 4000]],
    ["when the connection is lost", ["hangs up", good], [1000]],
    [
      "at a time that is over",
      [{ status: 503, headers: { "retry-after": "Fri, 20 Mar 2020 12:00:00 GMT" } }, good],
      [0],
    ],
    ["where Retry-After is nonsense", [{ status: 503, headers: { "retry-after": "-5" } }, good], [1000]],
  ])("%s", async ([, replies, waits]) => {
    expect(await submitted(replies)).toEqual({ code: "ok", message: "", requests: replies.length, waits });
  });

  test("six times and no more", async () => {
    const { code, requests, waits } = await submitted([{ status: 503 }]);
    expect([code, requests]).toEqual(["SUBMISSION_UNANSWERED", 6]);
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000]);
  });

  test("not when it is to wait too long", async () => {
    const { code, message, requests, waits } = await submitted([{ status: 429, headers: { "retry-after": "3600" } }]);
    expect([code, requests, waits]).toEqual(["SUBMISSION_UNANSWERED", 1, []]);
    expect(message).toContain("3600 seconds");
  });

  test("not when it is stopped", async () => {
    const server = await eventsServer([{ status: 503 }]);
    const stop = new AbortController();
    const pause = (): Promise<void> => Promise.resolve(stop.abort());
    const error = await failure(submitEvents([event], { url: server.url, pause, signal: stop.signal }));
    expect([error?.code, server.asked.length]).toEqual(["SUBMISSION_UNANSWERED", 1]);
  });
});

describe("takes no other answer", () => {
  const problem = { code: "REQUEST_TOO_LARGE", detail: "too many\u001b[31m events" };
  test.for<[string, Reply, string, RegExp]>([
    ["404", { status: 404 }, "SUBMISSION_REFUSED", /answers 404/],
    ["413 with a problem", { status: 413, body: problem }, "SUBMISSION_REFUSED", /REQUEST_TOO_LARGE: too many/],
    ["a redirect", { status: 307, headers: { location: "https://example.org" } }, "SUBMISSION_REFUSED", /elsewhere/],
    ["no JSON", { status: 200, body: "<html>" }, "SUBMISSION_UNANSWERED", /not one of a settlement node/],
    ["no answers", { status: 200, body: {} }, "SUBMISSION_UNANSWERED", /"answers" is missing/],
    ["too few", { status: 200, body: { answers: [] } }, "SUBMISSION_UNANSWERED", /0 answers to 1 events/],
    ["too many", { status: 200, body: { answers: [accepted, accepted] } }, "SUBMISSION_UNANSWERED", /more than 1/],
    [
      "an unknown state",
      { status: 200, body: { answers: [{ ...accepted, state: "x" }] } },
      "SUBMISSION_UNANSWERED",
      /state/,
    ],
    [
      "another event",
      { status: 200, body: { answers: [{ ...accepted, id: other.id }] } },
      "SUBMISSION_UNANSWERED",
      /handed in/,
    ],
    [
      "accepted, of no event",
      { status: 200, body: { answers: [{ state: "accepted" }] } },
      "SUBMISSION_UNANSWERED",
      /without id/,
    ],
    [
      "an endless one",
      { status: 200, body: `"${"x".repeat(200_000)}"` },
      "SUBMISSION_UNANSWERED",
      /more than \d+ bytes/,
    ],
  ])("than of an answer each: %s", async ([, reply, code, message]) => {
    const result = await submitted([reply]);
    expect(result).toMatchObject({ code, requests: 1, waits: [] });
    expect(result.message).toMatch(message);
    expect(result.message).not.toContain("\u001b");
  });
});

test.for([
  "http://example.org",
  "ftp://127.0.0.1",
  "https://u@example.org",
  "https://example.org/?a=b",
  "http://localhost.example.org",
])("sends nothing to %s", async (url) => {
  expect((await failure(submitEvents([event], { url })))?.code).toBe("SUBMISSION_REFUSED");
});
