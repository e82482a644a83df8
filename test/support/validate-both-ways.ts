import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { LedgerTree } from "../../src/validate/find-ledger.ts";
import type { Report } from "../../src/validate/finding.ts";
import { validateLedger, type ValidateOptions, validateWhole } from "../../src/validate/validate-ledger.ts";
import { expect } from "vitest";

/** The report of a ledger, which is the same whether the ledger is streamed or at hand as a whole. */
export async function validateBothWays(tree: LedgerTree, options: ValidateOptions): Promise<Report> {
  const full = { verify: nodeVerify, sha256: nodeSha256, ...options };
  const report = await validateLedger(tree, full);
  expect(report).toEqual(await validateWhole(tree, full));
  return report;
}
