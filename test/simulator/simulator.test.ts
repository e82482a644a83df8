import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chanceOf } from "./chance.ts";
import { type Databases, openDatabases } from "./database.ts";
import { planOf, type TimedFault } from "./plan.ts";
import { runSchedule } from "./run-schedule.ts";
import { timelineFrom } from "./timeline.ts";

let databases: Databases;
beforeAll(async () => {
  databases = await openDatabases();
});
afterAll(() => databases.close());

/** A few of what `npm run simulate` runs by the thousand; the kinds of faults that anchors are lost and doubled by. */
const tables: readonly {
  readonly name: string;
  readonly from: number;
  readonly only: readonly TimedFault[];
  readonly validators?: number;
}[] = [
  { name: "any faults", from: 1, only: [] },
  { name: "lost state and strangers", from: 1001, only: ["wiped database", "another tool", "suspended worker"] },
  { name: "lost and late transactions", from: 2001, only: ["loses submits", "keeps refused submits", "network halts"] },
  { name: "servers that lie", from: 3001, only: ["lies", "fork", "consistent lies"] },
  {
    name: "missed validations and lost proofs",
    from: 4001,
    only: ["silent server", "killed worker", "wiped database", "lost receipt", "fork"],
    validators: 0.5,
  },
];
const each = 25;

describe("every month has one anchor, and is proven where there are validators, whatever happens", () => {
  test.for(tables)("$name", { timeout: 300_000 }, async ({ from, only, validators }) => {
    for (let seed = from; seed < from + each; seed++) {
      const { violations } = await runSchedule(seed, databases, only, validators);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });
});

test.for([0, 1])(
  "a seed is played again exactly, and another one is another schedule, validators %i",
  async (share) => {
    const [first, between, again] = [
      await runSchedule(9, databases, [], share),
      await runSchedule(8, databases, [], share),
      await runSchedule(9, databases, [], share),
    ];
    expect(first.proofs > 0).toBe(share === 1);
    expect(again.proofs).toBe(first.proofs);
    expect(again.trace).toEqual(first.trace);
    expect(again.traceHash).toBe(first.traceHash);
    expect(between.traceHash).not.toBe(first.traceHash);
  },
);

test("schedules are of all sizes, and inject faults of many kinds", async () => {
  const plans = Array.from({ length: 300 }, (_, seed) => planOf(seed));
  const seen = <T>(of: (plan: (typeof plans)[number]) => T): Set<T> => new Set(plans.map(of));
  expect(seen(({ servers }) => servers)).toEqual(new Set([1, 2, 3]));
  expect(seen(({ hosts, workersPerHost }) => hosts * workersPerHost)).toEqual(new Set([1, 2, 4]));
  expect(seen(({ hearing }) => hearing !== undefined)).toEqual(new Set([false, true]));
  expect(seen(({ deceit }) => deceit)).toEqual(new Set(["ordinary", "witnessed", "dark"]));
  expect(new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind))).size).toBeGreaterThan(20);
});

test("chance draws the same again, each stream its own, and every number", () => {
  const draws = (stream: string): readonly number[] => {
    const chance = chanceOf(42, stream);
    return Array.from({ length: 1000 }, () => chance.below(10));
  };
  expect(draws("one")).toEqual(draws("one"));
  expect(draws("one")).not.toEqual(draws("other"));
  expect(new Set(draws("one")).size).toBe(10);
});

test("things happen in order of their time, and at one time in the order they were put there", async () => {
  const timeline = timelineFrom(1000);
  const happened: string[] = [];
  for (const [delayMs, name] of [
    [5, "c"],
    [1, "a"],
    [5, "d"],
    [2, "b"],
  ] as const)
    timeline.after(delayMs, () => void happened.push(`${name} ${timeline.nowMs()}`));
  await timeline.run(() => false, 1004);
  expect(happened).toEqual(["a 1001", "b 1002"]);
  expect(timeline.nowMs()).toBe(1004);
  await timeline.run(() => false, 2000);
  expect(happened).toEqual(["a 1001", "b 1002", "c 1005", "d 1005"]);
});
