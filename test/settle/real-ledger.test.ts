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
import { nodeDigest, nodeVerify, nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closable, closePartition } from "../../src/settle/close-partition.ts";
import { type LedgerSource, readLedgerView } from "../../src/settle/ledger-view.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import type { LedgerEvent } from "../../src/core/ledger-event.ts";
import { proverOf } from "../support/prove.ts";
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
      const prover = await proverOf(source, partition.month);
      for (let index = 0; index < partition.events.count; index++) {
        const file = publishedJson(bundleJson(await prover.prove(index)));
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
    const trust = { ...defaultTrust, accounts: [{ network: "local", account }] };
    const judged = async (over: LedgerSource, pins: Trust = trust, anchor = fetched): Promise<string> => {
      const deps = {
        ...over,
        view: await readLedgerView(over),
        sha256: nodeSha256,
        newDigest: nodeDigest,
        newLogs: nodeMonthLogs,
      };
      return (await verifyAnchor(anchor, { ...deps, trust: pins, verify: nodeVerify })).verdict;
    };
    expect(await judged(source)).toBe("anchored");
    expect(await judged(source, defaultTrust)).toBe("unproven");
    expect(await judged(source, trust, { ...fetched, networkId: 4242 })).toBe("failed");
    const another = { network: "local", account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" };
    expect(await judged(source, { ...defaultTrust, accounts: [another] })).toBe("failed");
    const snapshot = await source.ledger.snapshot();
    const [first, second, third, ...rest] = snapshot.files.get("") ?? [];
    const holding = (events: readonly (LedgerEvent | undefined)[]): LedgerSource => ({
      ledger: memoryLedger({ ...snapshot, files: new Map([["", events.flatMap((event) => event ?? [])]]) }),
      archive: memoryArchive(),
    });
    expect(await judged(holding([first, second, third]))).toBe("unproven");
    expect(await judged(holding([first, third, second, ...rest]))).toBe("failed");
  });
});
