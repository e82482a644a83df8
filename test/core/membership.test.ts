import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LedgerEvent } from "../../src/core/ledger-event.ts";
import { type ClosedMonth, ledgerLogOrder, oldestOpenMonth, partitionsOf } from "../../src/core/membership.ts";
import { monthOf, nextMonth } from "../../src/core/month.ts";
import { jsonlEvent, monthlyEvent } from "../support/made-events.ts";
import { hasShared, sharedText } from "../support/shared.ts";
import { parseJson } from "../../src/core/json.ts";
import { parseLedgerEvent } from "../../src/core/ledger-event.ts";
import { splitLines } from "../../src/core/partition-scan.ts";
import { verdict } from "../support/trees.ts";

type Ids = Readonly<Record<string, readonly string[]>>;

/** The marks of the events of each month. */
function marks(partitions: ReadonlyMap<string, readonly LedgerEvent[]>): Ids {
  const markOf = ({ json }: LedgerEvent): string => JSON.stringify(json).match(/"(?:mark|notes)":"(\w+)"/)?.[1] ?? "";
  return Object.fromEntries(Array.from(partitions, ([month, events]) => [month, events.map(markOf)]));
}

function closing(events: readonly LedgerEvent[]): ClosedMonth {
  const [first, last] = [events[0], events.at(-1)];
  return { count: events.length, range: first && last ? [first.id, last.id] : null };
}

/** Closes the oldest open month of a jsonl ledger as it is now. */
function close(list: readonly LedgerEvent[], closed: Map<string, ClosedMonth>): void {
  const partitions = partitionsOf(new Map([["", list]]), closed);
  const month = oldestOpenMonth(partitions.keys(), closed.keys());
  if (month !== undefined) closed.set(month, closing(partitions.get(month) ?? []));
}

describe("monthly files", () => {
  test("say what each month holds, and months between them are empty", () => {
    const files = new Map([
      ["2026-04", [monthlyEvent("c", "2026-04-01T00:00:00Z")]],
      ["2026-01", [monthlyEvent("a", "2026-01-31T23:59:59Z"), monthlyEvent("b", "2026-01-01T00:00:00Z")]],
    ]);
    expect(marks(partitionsOf(files, new Map()))).toEqual({
      "2026-01": ["a", "b"],
      "2026-02": [],
      "2026-03": [],
      "2026-04": ["c"],
    });
    expect([...partitionsOf(files, new Map()).keys()]).toEqual(["2026-01", "2026-02", "2026-03", "2026-04"]);
  });

  test("a closed month without a file is an empty month", () => {
    expect(marks(partitionsOf(new Map(), new Map([["2026-02", { count: 0, range: null }]])))).toEqual({
      "2026-02": [],
    });
  });

  test("an empty ledger has no month", () => {
    expect(partitionsOf(new Map(), new Map()).size).toBe(0);
    expect(partitionsOf(new Map([["", []]]), new Map()).size).toBe(0);
    expect(oldestOpenMonth([], [])).toBeUndefined();
  });
});

describe("one list", () => {
  const jan = jsonlEvent("jan", "2026-01-31T23:59:59Z");
  const feb = jsonlEvent("feb", "2026-02-10T00:00:00Z");
  const apr = jsonlEvent("apr", "2026-04-01T00:00:00Z");
  const lateJan = jsonlEvent("lateJan", "2026-01-02T00:00:00Z");
  const offset = jsonlEvent("offset", "2026-02-01T00:30:00+01:00");

  test.each([
    [
      "each event in the month of its UTC instant",
      [feb, jan, apr, offset],
      [],
      { "2026-01": ["jan", "offset"], "2026-02": ["feb"], "2026-03": [], "2026-04": ["apr"] },
    ],
    [
      "a late event falls into the next month that closes",
      [jan, feb, lateJan],
      [["2026-01", [jan]]],
      { "2026-01": ["jan"], "2026-02": ["feb", "lateJan"] },
    ],
    [
      "even when no later month has events yet",
      [jan, lateJan],
      [["2026-01", [jan]]],
      { "2026-01": ["jan"], "2026-02": ["lateJan"] },
    ],
    [
      "a later event that came before the close waits for its month",
      [feb, jan],
      [["2026-01", [jan]]],
      { "2026-01": ["jan"], "2026-02": ["feb"] },
    ],
    [
      "a closed month without events holds none, whatever came later",
      [lateJan, feb],
      [["2026-01", []]],
      { "2026-01": [], "2026-02": ["lateJan", "feb"] },
    ],
    [
      "late in two closed months",
      [jan, feb, lateJan, offset],
      [
        ["2026-01", [jan]],
        ["2026-02", [feb, lateJan]],
      ],
      { "2026-01": ["jan"], "2026-02": ["feb", "lateJan"], "2026-03": ["offset"] },
    ],
    [
      "a copy appended later does not move a closed month's end",
      [jan, lateJan, jan],
      [["2026-01", [jan]]],
      { "2026-01": ["jan"], "2026-02": ["lateJan", "jan"] },
    ],
  ] as const)("%s", (_, list, closed, expected) => {
    const manifests = new Map(closed.map(([month, events]) => [month, closing(events)]));
    expect(marks(partitionsOf(new Map([["", list]]), manifests))).toEqual(expected);
  });

  test("a closed month whose last event is gone was altered", () => {
    const closed = new Map([["2026-01", closing([jan])]]);
    expect(verdict(() => partitionsOf(new Map([["", [feb]]]), closed))).toBe("PARTITION_ALTERED");
  });

  const made = new Map<string, LedgerEvent>();
  const instants = fc.tuple(fc.nat(4), fc.nat(3)).map(([month, day]) => `2026-0${month + 1}-0${day + 1}T00:00:00Z`);
  const makeList = (times: readonly string[]): LedgerEvent[] =>
    times.map((time, at) => {
      const event = made.get(`${at} ${time}`) ?? jsonlEvent(`n${at}`, time);
      made.set(`${at} ${time}`, event);
      return event;
    });
  const steps = fc.array(fc.oneof(instants, fc.constant("close" as const)), { maxLength: 25 });

  test("is partitioned: each event is in one month, and closed months never change as events come", () => {
    fc.assert(
      fc.property(steps, (story) => {
        const list: LedgerEvent[] = [];
        const all = makeList(story.filter((step) => step !== "close"));
        const closed = new Map<string, ClosedMonth>();
        const frozen = new Map<string, readonly LedgerEvent[]>();
        for (const step of story) {
          if (step === "close") close(list, closed);
          else list.push(all[list.length] as LedgerEvent);
          const partitions = partitionsOf(new Map([["", list]]), closed);
          for (const month of closed.keys()) {
            if (!frozen.has(month)) frozen.set(month, partitions.get(month) ?? []);
            expect(partitions.get(month)).toEqual(frozen.get(month));
          }
          const placed = [...partitions.values()].flat();
          expect(placed.map(({ id }) => id).toSorted()).toEqual(list.map(({ id }) => id).toSorted());
          for (const [month, events] of partitions) {
            expect(events.map((event) => list.indexOf(event))).toEqual(
              events.map((event) => list.indexOf(event)).toSorted((a, b) => a - b),
            );
            for (const { unixMs } of events) expect(monthOf(unixMs) <= month).toBe(true);
          }
          const months = [...partitions.keys()];
          expect(months.slice(1)).toEqual(months.slice(0, -1).map(nextMonth));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("the ledger log only grows as its oldest open month does, and closes", () => {
    fc.assert(
      fc.property(steps, (story) => {
        const list: LedgerEvent[] = [];
        const all = makeList(story.filter((step) => step !== "close"));
        const closed = new Map<string, ClosedMonth>();
        let log: readonly string[] = [];
        for (const step of story) {
          if (step === "close") close(list, closed);
          else {
            const next = all[list.length] as LedgerEvent;
            // Until a month has closed, an event of an earlier month may still come before everything.
            if (closed.size === 0 && list.some((event) => monthOf(event.unixMs) > monthOf(next.unixMs))) return;
            list.push(next);
          }
          const partitions = partitionsOf(new Map([["", list]]), closed);
          const open = oldestOpenMonth(partitions.keys(), closed.keys());
          const now = open === undefined ? [] : ledgerLogOrder(partitions, open).map(({ id }) => id);
          expect(now.slice(0, log.length)).toEqual(log);
          log = now;
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("the ledger log has months ascending, up to the one asked for", () => {
  const files = new Map(
    ["2026-03", "2026-01", "2026-02"].map((month) => [month, [monthlyEvent(month.slice(6), `${month}-05T00:00:00Z`)]]),
  );
  const partitions = partitionsOf(files, new Map());
  expect(ledgerLogOrder(partitions, "2026-02").map(({ timestamp }) => timestamp.slice(0, 7))).toEqual([
    "2026-01",
    "2026-02",
  ]);
});

describe.skipIf(!hasShared)("a real ledger", () => {
  test("has its 76 events in five months", () => {
    const list = splitLines(sharedText("repomesh-ledger/ledger/events/events.jsonl")).map((item) =>
      parseLedgerEvent("jsonl", parseJson(item.text)),
    );
    const partitions = partitionsOf(new Map([["", list]]), new Map());
    const counts = Array.from(partitions, ([month, events]) => [month, events.length]);
    expect(counts).toEqual([
      ["2026-02", 8],
      ["2026-03", 27],
      ["2026-04", 13],
      ["2026-05", 0],
      ["2026-06", 28],
    ]);
  });
});
