import { expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import { closedMonthlyFiles, type Json, nowUnixMs, withJson } from "../support/build-ledger.ts";

/** The key of acme/widget was compromised in the middle of February, and that was declared in March. */
async function compromised(witnessed: Readonly<Record<string, string>>): Promise<string[]> {
  const files = withJson(await closedMonthlyFiles(), "nodes/acme/widget/node.json", (node) => {
    const [key = {}] = node["maintainers"] as Json[];
    Object.assign(key, {
      revokedAt: "2026-03-10T00:00:00Z",
      revocationReason: "compromise",
      invalidAfter: "2026-02-15T00:00:00Z",
    });
  });
  const options = {
    nowUnixMs,
    verify: nodeVerify,
    witnessedUnixMs: (month: string) => (witnessed[month] === undefined ? undefined : Date.parse(witnessed[month])),
  };
  const { findings } = await validateBothWays(memoryTree(files), options);
  return findings.map(({ code, file, index }) => `${code} ${file} ${index}`);
}

const told = ["KEY_COMPROMISED 2026-01.json 0", "KEY_COMPROMISED 2026-01.json 2"];
const later = "KEY_COMPROMISED 2026-03.json 0";

test("nothing proves events of a compromised key older than the compromise", async () => {
  expect(await compromised({})).toEqual([...told, later]);
});

test("what XRPL witnessed before the compromise stands", async () => {
  expect(await compromised({ "2026-01": "2026-02-01T00:10:00Z" })).toEqual([later]);
});

test("what it witnessed afterwards does not", async () => {
  expect(await compromised({ "2026-01": "2026-02-16T00:00:00Z" })).toEqual([...told, later]);
});
