import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { labelledBars, roundUp } from "../../src/web/console/chart-layout.ts";
import { lookText, outcomeText } from "../../src/web/console/attempt-words.ts";
import type { AttemptFacts } from "../../src/web/console/operator-data.ts";
import { aboutText, eventFacts } from "../../src/web/console/event-words.ts";
import {
  awayText,
  countText,
  explorerUrl,
  numberText,
  spanText,
  timeText,
  xrpText,
} from "../../src/web/console/format.ts";
import { hashOf, parsePlace, type Place, placeOfName } from "../../src/web/console/place.ts";
import { eventsByDay, feeOf, hoursToAnchor, minutesToClose } from "../../src/web/console/plot-data.ts";
import { fromHex } from "../../src/core/bytes.ts";

const name = fc.string({ minLength: 1, unit: "grapheme" });
const nodeId = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/))
  .map((parts) => parts.join("/"));
const place = fc.oneof<fc.Arbitrary<Exclude<Place, { kind: "unknown" }>>[]>(
  fc.constantFrom({ kind: "ledger" }, { kind: "network" }, { kind: "operator" }, { kind: "about" }),
  name.map((month) => ({ kind: "month", month })),
  name.map((id) => ({ kind: "event", id })),
  nodeId.map((id) => ({ kind: "node", id })),
  fc.record({ kind: fc.constant("release"), repo: nodeId, version: name }),
  fc.string().map((month) => ({ kind: "plots", month })),
  fc.record({
    kind: fc.constant("events"),
    search: fc.record({ repo: fc.string(), version: fc.string(), type: fc.string(), node: fc.string() }),
  }),
);

describe("addresses", () => {
  test("lead back to the place they are of, whatever its names hold", () => {
    fc.assert(
      fc.property(place, (each) => {
        expect(parsePlace(hashOf(each))).toEqual(each);
      }),
    );
  });

  test("whatever they hold, are of some place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parsePlace(`#${text}`)).toHaveProperty("kind");
      }),
    );
  });

  test.for(["#/months", "#/months/2026-01/more", "#/nodes/acme", "#/%E0%A4%A", "#/admin"])("%s is nowhere", (hash) => {
    expect(parsePlace(hash)).toEqual({ kind: "unknown", text: hash });
  });

  const id = "ab".repeat(32);
  test.for<readonly [text: string, place: Place | undefined]>([
    [" acme/compiler@1.0.0 ", { kind: "release", repo: "acme/compiler", version: "1.0.0" }],
    ["acme/compiler 1.0.0", { kind: "release", repo: "acme/compiler", version: "1.0.0" }],
    ["acme/compiler", { kind: "events", search: { repo: "acme/compiler", version: "", type: "", node: "" } }],
    [id.toUpperCase(), { kind: "event", id }],
    ["2026-03", { kind: "month", month: "2026-03" }],
    ["hello", undefined],
    ["../etc/passwd", undefined],
  ])("are found for the name %s", ([text, expected]) => {
    expect(placeOfName(text)).toEqual(expected);
  });
});

test("numbers, times and amounts have their units and separators", () => {
  expect([numberText(1_234_567), numberText(999), numberText("12x")]).toEqual(["1,234,567", "999", "12x"]);
  expect([countText(1, "event"), countText(2000, "event")]).toEqual(["1 event", "2,000 events"]);
  expect([xrpText("12345678"), xrpText("0"), xrpText("1000000")]).toEqual(["12.345678 XRP", "0 XRP", "1 XRP"]);
  expect([timeText("2026-01-02T03:04:05Z"), timeText("soon")]).toEqual(["2026-01-02 03:04:05 UTC", "soon"]);
  expect([spanText(59_000), awayText(90_000_000, 0), awayText(0, 7_200_000)]).toEqual([
    "less than a minute",
    "in 1 day",
    "2 hours ago",
  ]);
});

test("an explorer is named for public networks alone, and for hashes alone", () => {
  const hash = "AB".repeat(32);
  expect(explorerUrl("testnet", hash)).toBe(`https://testnet.xrpl.org/transactions/${hash}`);
  for (const network of ["local", "xrpl-5", "constructor"]) expect(explorerUrl(network, hash)).toBeUndefined();
  expect(explorerUrl("mainnet", "../../evil")).toBeUndefined();
});

describe("what is told of an event", () => {
  test.for<readonly [event: object, about: string]>([
    [{ payload: { repo: "a/b", version: "1" } }, "a/b 1"],
    [{ payload: { repo: { toString: 1 }, version: ["1"] } }, ""],
    [{ payload: "text" }, ""],
    [{}, ""],
    [{ payload: { repo: "x".repeat(1_000_000) } }, `${"x".repeat(80)}…`],
  ])("is texts, whatever it holds: %o", ([event, about]) => {
    expect(aboutText(eventFacts({ dialect: "monthly", event: event as never }))).toBe(about);
  });

  test("of a jsonl event is in its own members", () => {
    const event = { type: "T", repo: "a/b", version: "2", timestamp: "t", signature: { keyId: "ci" } };
    const facts = { type: "T", repo: "a/b", version: "2", timestamp: "t", by: "ci" };
    expect(eventFacts({ dialect: "jsonl", event })).toEqual(facts);
  });
});

describe("plots", () => {
  const event = (type: string, timestamp: string) => ({ dialect: "monthly", event: { type, timestamp } }) as const;

  test("count events by day and type; what names no day of the month is left out", () => {
    const days = eventsByDay("2026-02", [
      event("B", "2026-02-28T23:59:59Z"),
      event("A", "2026-02-01T00:00:00Z"),
      event("A", "2026-02-01T10:00:00Z"),
      event("A", "2026-03-01T00:00:00Z"),
      event("A", "2026-02-30T00:00:00Z"),
    ]);
    expect([...days.keys()]).toEqual(["A", "B"]);
    expect(days.get("A")).toHaveLength(28);
    expect([days.get("A")?.[0], days.get("B")?.[27]]).toEqual([
      { name: "1", value: 2 },
      { name: "28", value: 1 },
    ]);
  });

  test("tell the hours from the end of a month to its anchor", () => {
    const receipt = { closeTime: "2026-03-01T05:29:00Z" } as never;
    expect([hoursToAnchor({ month: "2026-02", receipt }), hoursToAnchor({ month: "2026-02", receipt: null })]).toEqual([
      5,
      undefined,
    ]);
  });

  test("read the fee of a signed transaction, and none of other bytes", () => {
    expect([feeOf(fromHex("12000368400000000000000c")), feeOf(fromHex("1200")), feeOf(fromHex("120003"))]).toEqual([
      12,
      undefined,
      undefined,
    ]);
  });

  test("have round scales, and labels that leave each other room", () => {
    expect([0, 1, 3, 12, 51, 99, 1001].map(roundUp)).toEqual([1, 1, 5, 20, 100, 100, 2000]);
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 30 }),
        (count, most) => labelledBars(count, most).size <= most,
      ),
    );
  });
});

test("each end of a transaction is told, with what it means", () => {
  const attempt = { lastLedgerSequence: 4300, ledgerIndex: 4290, result: "tecX" } as AttemptFacts;
  const told = (state: AttemptFacts["state"], index: number | null): string =>
    outcomeText({ ...attempt, state }, index);
  expect(told("prepared", 4250)).toMatch(/same bytes.*50 ledgers left, about 3 minutes/);
  expect(told("submitted", 4301)).toMatch(/tecX.*the deadline is past/);
  expect(told("anchored", null)).toMatch(/found in validated ledger 4,290/);
  expect(told("expired", null)).toMatch(/another may be signed/);
  expect(told("failed", null)).toMatch(/in ledger 4,290 without success: tecX.*human/);
});

test("what was done about a transaction is told with its times", () => {
  const look = { act: "look", times: 1, firstAt: "2026-02-01T00:20:03Z", lastAt: "2026-02-01T00:21:03Z" } as const;
  expect(lookText({ ...look, said: "pending", times: 1200 })).toBe(
    "Looked up 1,200 times, from 2026-02-01 00:20:03 UTC to 2026-02-01 00:21:03 UTC: in no validated ledger yet, and its deadline not past.",
  );
  expect(lookText({ ...look, said: "validated 4290" })).toMatch(/at 2026-02-01 00:20:03 UTC: found in .*4,290/);
  expect(lookText({ ...look, said: "expired" })).toMatch(/none holds it/);
  expect(lookText({ ...look, said: "CHAIN_STALE" })).toMatch(/without an answer: CHAIN_STALE/);
  expect(lookText({ ...look, act: "send", said: "tefPAST_SEQ" })).toMatch(/^Sent at .* said: tefPAST_SEQ/);
});

test("a month closes some minutes after its end, where that is known", () => {
  expect(minutesToClose({ month: "2026-01", closedAt: "2026-02-01T00:20:04Z" })).toBe(20);
  expect(minutesToClose({ month: "2026-01", closedAt: "2026-01-31T23:00:00Z" })).toBe(0);
  expect(minutesToClose({ month: "2026-01", closedAt: null })).toBeUndefined();
});
