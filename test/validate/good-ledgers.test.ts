import { expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { closedJsonlFiles, closedMonthlyFiles, jsonlFiles, monthlyFiles, nowUnixMs } from "../support/build-ledger.ts";

test.for([
  { name: "monthly, open", files: monthlyFiles, dialect: "monthly", events: 10 },
  { name: "monthly, two months closed", files: closedMonthlyFiles, dialect: "monthly", events: 10 },
  { name: "jsonl, open", files: jsonlFiles, dialect: "jsonl", events: 6 },
  { name: "jsonl, two months closed", files: closedJsonlFiles, dialect: "jsonl", events: 6 },
])("$name: valid, nothing found", async ({ files, dialect, events }) => {
  const report = await validateLedger(memoryTree(await files()), { nowUnixMs, verify: nodeVerify });
  expect(report).toEqual({ valid: true, dialect, events, findings: [], signaturesChecked: events });
});
