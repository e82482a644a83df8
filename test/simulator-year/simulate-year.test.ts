import { afterAll, beforeAll, expect, test } from "vitest";
import { type Databases, openDatabases } from "../simulator/database.ts";
import { runYear, type YearRan } from "./run-year.ts";

let databases: Databases;
beforeAll(async () => {
  databases = await openDatabases();
});
afterAll(() => databases.close());

async function year(seed: number, months = 12): Promise<YearRan & { readonly text: string }> {
  const [database] = databases.hosts;
  if (!database) throw new RangeError("there is no database");
  let text = "";
  const ran = await runYear({ seed, months, database, hasColours: false, print: (more) => (text += more) });
  return { ...ran, text };
}

/** Lines a month that an operator still reads. */
const readable = 40;

test("a year has twelve anchors, and a log that people read", { timeout: 180_000 }, async () => {
  const ran = await year(2);
  expect(ran).toMatchObject({ anchors: 12, receipts: 12, violations: [] });
  let day = "";
  const lines: { readonly month: string; readonly line: string }[] = [];
  for (const line of ran.text.split("\n")) {
    day = /^-- (.*)/.exec(line)?.[1] ?? day;
    if (/ (INFO|WARN|ERROR) /.test(line)) lines.push({ month: day.slice(0, 7), line });
  }
  for (const [month, those] of Map.groupBy(lines, (each) => each.month))
    expect({ month, isReadable: those.length <= readable }).toEqual({ month, isReadable: true });
  const errors = lines.filter(({ line }) => / ERROR /.test(line)).map(({ line }) => line);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.filter((line) => !/PARTITION_REJECTED|ACCOUNT_NOT_FUNDED/.test(line))).toEqual([]);
});

test("the same seed has the same output, another one another", async () => {
  const [first, again, other] = [await year(3, 2), await year(3, 2), await year(4, 2)];
  expect(first).toMatchObject({ anchors: 2, receipts: 2 });
  expect(again.text).toBe(first.text);
  expect(other.text).not.toBe(first.text);
});
