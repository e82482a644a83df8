import { describe, expect, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { indexNodes, signersOf } from "../../src/core/signer.ts";
import { entriesOf } from "../../src/validate/ledger-state.ts";
import { findingList } from "../../src/validate/finding.ts";
import { readLedger } from "../../src/validate/read-ledger.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import { sha256 } from "../../src/core/hash.ts";
import { hasShared, sharedJson, sharedPath } from "../support/shared.ts";

interface Expected {
  readonly events: {
    readonly list: readonly { readonly canonicalHash: string; readonly signerNode: string; readonly keyId: string }[];
  };
}

describe.skipIf(!hasShared)("the ledger of a live network", () => {
  const repository = hasShared ? sharedPath("repomesh-ledger") : "";

  test.for([
    { name: "the repository, at its last event", dir: repository, now: "2026-06-22T01:13:00Z" },
    { name: "the repository, a year after its first", dir: repository, now: "2027-02-28T04:31:00Z" },
    { name: "the repository, long after", dir: repository, now: "2036-01-01T00:00:00Z" },
    { name: "the ledger folder", dir: `${repository}/ledger`, now: "2026-11-21T00:00:00Z" },
  ])("$name is valid", async ({ dir, now }) => {
    const report = await validateBothWays(folderTree(dir), { nowUnixMs: Date.parse(now), verify: nodeVerify });
    expect(report).toMatchObject({ valid: true, dialect: "jsonl", events: 76, signaturesChecked: 76 });
    // Five of its six nodes register one public key.
    expect(report.findings.map(({ code }) => code)).toEqual(Array(4).fill("NODE_KEY_SHARED"));
  });

  test("before its last event it was ahead of the clock", async () => {
    const options = { nowUnixMs: Date.parse("2026-06-21T00:00:00Z"), verify: nodeVerify };
    const { findings } = await validateBothWays(folderTree(repository), options);
    const future = findings.filter(({ code }) => code === "EVENT_FROM_FUTURE");
    expect(future.map(({ line }) => line)).toContain(76);
  });

  test("each event is signed by whom it should be", async () => {
    const expected = sharedJson<Expected>("repomesh-ledger/expected.json");
    const ledger = await readLedger(folderTree(repository), findingList(), { sha256 });
    const index = indexNodes(
      ledger.nodes.flatMap(({ node }) => node ?? []),
      ledger.policy,
    );
    const signed = entriesOf(ledger).map(({ event }) => {
      const [signer] = event ? signersOf(event, index, nodeVerify) : [];
      return { canonicalHash: event?.id, signerNode: signer?.node.id, keyId: signer?.key.keyId };
    });
    expect(signed).toEqual(
      expected?.events.list.map(({ canonicalHash, signerNode, keyId }) => ({ canonicalHash, signerNode, keyId })),
    );
  });
});
