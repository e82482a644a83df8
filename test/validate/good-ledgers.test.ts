import { expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
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
