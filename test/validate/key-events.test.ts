import { expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import { nowUnixMs } from "../support/build-ledger.ts";
import { keyEventCases } from "./key-event-cases.ts";

test.for(keyEventCases)("$name", async ({ files, codes }) => {
  const report = await validateBothWays(memoryTree(files), { nowUnixMs, verify: nodeVerify });
  expect([...new Set(report.findings.map(({ code }) => code))].toSorted()).toEqual(codes);
});
