import { describe, expect, test } from "vitest";
import { patientLog } from "../../jobs/patient-log.ts";
import { durationText, seenAgain, type Trouble } from "../../jobs/standing-trouble.ts";
import type { LogEntry } from "../../src/ports.ts";

const hourMs = 3_600_000;

function tellings(everyMs: number, forMs: number, patienceMs: number): number[] {
  const told: number[] = [];
  let known: Trouble | undefined;
  for (let atMs = 0; atMs <= forMs; atMs += everyMs) {
    const { trouble, isDue } = seenAgain(known, "CHAIN_UNREACHABLE", atMs, patienceMs);
    if (isDue) told.push(atMs / hourMs);
    known = trouble;
  }
  return told;
}

test.for([
  { name: "at once, and at growing intervals", forMs: 73 * hourMs, patienceMs: 0, told: [0, 1, 6, 24, 48, 72] },
  { name: "after the patience", forMs: 3 * hourMs, patienceMs: hourMs, told: [1, 2] },
  { name: "never, when it passes before", forMs: hourMs / 2, patienceMs: hourMs, told: [] },
])("a trouble is told $name", ({ forMs, patienceMs, told }) => {
  expect(tellings(600_000, forMs, patienceMs)).toEqual(told);
});

test("a trouble that becomes another one is told at once, and no more when it goes back", () => {
  let known = seenAgain(undefined, "A", 0, 0);
  const due = ["A", "B", "A", "B"].map((code, at) => {
    known = seenAgain(known.trouble, code, at + 1, 0);
    return known.isDue;
  });
  expect(due).toEqual([false, true, false, false]);
});

test.for([
  [1000, "1 second"],
  [119_000, "119 seconds"],
  [120_000, "2 minutes"],
  [47 * hourMs, "47 hours"],
  [48 * hourMs, "2 days"],
] as const)("%i ms are %s", ([ms, text]) => {
  expect(durationText(ms)).toBe(text);
});

describe("a patient log", () => {
  function opened() {
    const entries: LogEntry[] = [];
    let now = 0;
    const log = patientLog(
      (entry) => entries.push(entry),
      () => now,
    );
    const at = (ms: number, entry: LogEntry): void => {
      now = ms;
      log(entry);
    };
    return { at, told: () => entries.filter(({ level }) => level !== "debug"), entries };
  }
  const fails = { level: "warn", message: "fails", code: "A", trouble: "job" } as const;
  const passes = { level: "info", message: "goes on", over: "job" } as const;

  test("tells a trouble and its end, with the time it took", () => {
    const { at, told, entries } = opened();
    at(0, fails);
    at(1000, fails);
    at(2 * hourMs, passes);
    at(2 * hourMs, passes);
    expect(told()).toEqual([
      { level: "warn", message: "fails", code: "A" },
      { level: "info", message: "goes on", was: "A", after: "2 hours" },
    ]);
    expect(entries).toHaveLength(3);
  });

  test("keeps what passes soon for debugging", () => {
    const { at, told, entries } = opened();
    at(0, { ...fails, patienceMs: 5000 });
    at(1000, passes);
    expect(told()).toEqual([]);
    expect(entries).toEqual([{ level: "debug", message: "fails", code: "A" }]);
  });

  test("tells what was not heard of again, once the patience is over", () => {
    const { at, told } = opened();
    at(0, { ...fails, patienceMs: 5000 });
    at(6000, { level: "debug", message: "something else" });
    expect(told()).toEqual([{ level: "warn", message: "fails", code: "A", since: "6 seconds" }]);
  });
});
