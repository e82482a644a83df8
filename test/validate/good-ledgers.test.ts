import { describe, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { isJsonObject, type JsonValue, parseJson } from "../../src/core/json.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Files,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  nowUnixMs,
  partition,
  textIn,
  withoutFile,
} from "../support/build-ledger.ts";

/** Events of the jsonl dialect as a ledger keeps them that has a file for each month. */
function jsonlMonthFiles(): Files {
  const files = jsonlFiles();
  const months = Map.groupBy(eventsIn(files, linesPath), ({ timestamp }) => textIn(timestamp).slice(0, 7));
  const parts = Array.from(months, ([month, events]) => [`ledger/${month}.json`, partition(events)]);
  return { ...withoutFile(files, linesPath), ...(Object.fromEntries(parts) as Files) };
}

test.for([
  { name: "monthly, open", files: monthlyFiles, dialect: "monthly", events: 10 },
  { name: "monthly, two months closed", files: closedMonthlyFiles, dialect: "monthly", events: 10 },
  { name: "jsonl, open", files: jsonlFiles, dialect: "jsonl", events: 6 },
  { name: "jsonl, in a file for each month", files: jsonlMonthFiles, dialect: "jsonl", events: 6 },
  { name: "jsonl, two months closed", files: closedJsonlFiles, dialect: "jsonl", events: 6 },
])("$name: valid, nothing found", async ({ files, dialect, events }) => {
  const report = await validateBothWays(memoryTree(await files()), { nowUnixMs, verify: nodeVerify });
  expect(report).toEqual({
    valid: true,
    dialect,
    events,
    findings: [],
    signaturesChecked: events,
    signaturesNotRechecked: 0,
  });
});

/** Ways to write the JSON of an event that all mean the same. */
const spellings: Readonly<Record<string, (line: string) => string>> = {
  "with spaces": (line) => line.replace(/(?<!\\)":/g, '": '),
  "in another order": (line) => JSON.stringify(reordered(parseJson(line))),
  "with an escape": (line) => line.replace('"timestamp":"2', '"timestamp":"\\u0032'),
};

function reordered(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, reordered(member)] as const);
  return Object.fromEntries(members.toReversed());
}

/** Writes every other event in another way. */
function respelt(files: Files, spell: (line: string) => string): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      const isOfEvents = path === linesPath || /^\d{4}-\d\d\.json$/.test(path);
      if (!isOfEvents) return [path, text];
      const lines = text.split("\n").map((line, at) => {
        const [, lead = "", json] = /^(,?)(\{.*\})$/.exec(line) ?? [];
        return json === undefined || at % 2 === 0 ? line : lead + spell(json);
      });
      return [path, lines.join("\n")];
    }),
  );
}

describe.for(Object.entries(spellings))("%s", ([, spell]) => {
  test.for([
    ["monthly", closedMonthlyFiles],
    ["jsonl", closedJsonlFiles],
  ] as const)("the same events make the same %s ledger", async ([dialect, made]) => {
    const files = await made();
    const other = respelt(files, spell);
    expect(other).not.toEqual(files);
    const [report, expected] = await Promise.all(
      [other, files].map((each) => validateBothWays(memoryTree(each), { nowUnixMs, verify: nodeVerify })),
    );
    expect(report).toEqual(expected);
    expect(report?.dialect).toBe(dialect);
  });
});
