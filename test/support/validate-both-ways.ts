import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { toHex } from "../../src/core/bytes.ts";
import type { LedgerTree } from "../../src/validate/find-ledger.ts";
import type { Report } from "../../src/validate/finding.ts";
import type { MilestoneStore } from "../../src/validate/milestone.ts";
import { validateLedger, type ValidateOptions, validateWhole } from "../../src/validate/validate-ledger.ts";
import { expect } from "vitest";

/**
 * The report of a ledger, which is the same whether the ledger is streamed, at hand as a whole, or judged from a
 * milestone on: that of itself, or of the state before.
 */
export async function validateBothWays(tree: LedgerTree, options: ValidateOptions): Promise<Report> {
  const full = { verify: nodeVerify, sha256: nodeSha256, ...options };
  const report = await validateLedger(tree, full);
  expect(report).toEqual(await validateWhole(tree, full));
  const { base, ...alone } = full;
  const [now, before] = [tagged(tree), base && tagged(base)];
  const remembering = { ...alone, milestones: memoryStore(), leastRemembered: 1 };
  for (const earlier of [before ?? now, now]) await validateLedger(earlier, remembering);
  expectSame(await validateLedger(now, { ...remembering, ...(before ? { base: before } : {}) }), report);
  return report;
}

/** Both say the same, whichever signatures were verified for it. */
export function expectSame(found: Report, expected: Report): void {
  const { signaturesChecked, signaturesNotRechecked, ...judged } = found;
  const { signaturesChecked: checked, signaturesNotRechecked: known, ...whole } = expected;
  expect(judged).toEqual(whole);
  expect(signaturesChecked + signaturesNotRechecked).toBe(checked + known);
}

/** A tree whose files are told apart by what they hold. */
export function tagged(tree: LedgerTree): LedgerTree {
  return {
    ...tree,
    async tags(paths) {
      const tags = new Map<string, string>();
      for (const path of paths) {
        const bytes = await tree.read(path).catch(() => undefined);
        if (bytes) tags.set(path, toHex(nodeSha256(bytes)));
      }
      return tags;
    },
  };
}

/** Milestones in memory. */
function memoryStore(): MilestoneStore {
  const files = new Map<string, Uint8Array>();
  return {
    open(name) {
      const bytes = files.get(name);
      return (
        bytes && {
          size: bytes.length,
          read: (start, length) => bytes.slice(start, start + length),
          [Symbol.dispose]: () => undefined,
        }
      );
    },
    remove: (name) => void files.delete(name),
    write: (name, pieces) => void files.set(name, new Uint8Array(Buffer.concat([...pieces]))),
  };
}
