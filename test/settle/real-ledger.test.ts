import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { createLedger, ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { bundleJson, readBundle } from "../../src/core/bundle.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { receiptFacts } from "../../src/core/receipt.ts";
import { defaultTrust, type Trust } from "../../src/core/trust.ts";
import { verifyBundle } from "../../src/core/verify-bundle.ts";
import { nodeVerify, nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closable, closePartition } from "../../src/settle/close-partition.ts";
import { type LedgerSource, readLedgerView } from "../../src/settle/ledger-view.ts";
import { monthProver } from "../../src/settle/prove-inclusion.ts";
import { publishedJson } from "../../src/settle/published-json.ts";
import { verifyAnchor } from "../../src/settle/verify-anchor.ts";
import { temporaryFolder, testAnchorDeps, testChain, testCloseDeps, testKey } from "../support/settle.ts";
import { hasShared, sharedPath } from "../support/shared.ts";

const july = Date.UTC(2026, 6, 2);

async function copyOfRealLedger(): Promise<LedgerSource> {
  const folder = join(temporaryFolder(), "ledger");
  cpSync(sharedPath("repomesh-ledger/ledger"), folder, { recursive: true });
  const key = formatVkey(makeVkey("test.example/ledger", testKey.publicKey));
  await createLedger(folder, { v: 1, host: "test.example", network: "local", key, accounts: [] });
  return { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
}

describe.skipIf(!hasShared)("a live network's ledger", () => {
  test("every month closes and anchors, and all 76 events prove and verify offline", async () => {
    const source = await copyOfRealLedger();
    const months = closable(await readLedgerView(source), july, 0);
    expect(months).toEqual(["2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]);
    const { chain, account } = await testChain();
    const anchorDeps = testAnchorDeps(source, chain);
    for (const month of months) {
      await closePartition(month, "local", testCloseDeps(source, july));
      await anchorPartition(month, anchorDeps);
    }
    const trust = {
      ...defaultTrust,
      accounts: [{ network: "local", account }],
      logs: [makeVkey("test.example/ledger", testKey.publicKey)],
    };
    const view = await readLedgerView(source);
    const verdicts: string[] = [];
    for (const partition of view.partitions) {
      const prover = await monthProver(partition, { archive: source.archive, verify: nodeVerify, sha256: nodeSha256 });
      for (const index of partition.events.keys()) {
        const file = publishedJson(bundleJson(prover.prove(index)));
        verdicts.push(verifyBundle(readBundle(file), trust, nodeVerify).verdict);
      }
    }
    expect(verdicts).toEqual(Array.from({ length: 76 }, () => "anchored"));
  });

  test("an anchor is judged by its transaction hash alone, against the events at hand", async () => {
    const source = await copyOfRealLedger();
    const { chain, account } = await testChain();
    await closePartition("2026-02", "local", testCloseDeps(source, july));
    const receipt = await anchorPartition("2026-02", testAnchorDeps(source, chain));
    const captured = await chain.capture(receipt.header.index);
    const fetched = { hash: receiptFacts(receipt).transactionHash, network: "local", networkId: 63_456, captured };
    const view = await readLedgerView(source);
    const trust = { ...defaultTrust, accounts: [{ network: "local", account }] };
    const judged = (over: typeof view, pins: Trust = trust): string =>
      verifyAnchor(fetched, over, pins, nodeSha256).verdict;
    expect(judged(view)).toBe("anchored");
    expect(judged(view, defaultTrust)).toBe("unproven");
    const elsewhere = { ...fetched, networkId: 4242 };
    expect(verifyAnchor(elsewhere, view, trust, nodeSha256).verdict).toBe("failed");
    const another = { network: "local", account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" };
    expect(judged(view, { ...defaultTrust, accounts: [another] })).toBe("failed");
    const february = view.byMonth.get("2026-02");
    const withMonth = (events: NonNullable<typeof february>["events"]): typeof view => ({
      ...view,
      byMonth: new Map([["2026-02", { month: "2026-02", state: "closed", events }]]),
    });
    expect(judged(withMonth(february?.events.slice(0, 3) ?? []))).toBe("unproven");
    const [first, second, third, ...rest] = february?.events ?? [];
    expect(judged(withMonth([first, third, second, ...rest].flatMap((event) => event ?? [])))).toBe("failed");
  });
});
