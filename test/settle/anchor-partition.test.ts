import { describe, expect, test } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { SettlementError } from "../../src/core/error.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import type { LedgerSource } from "../../src/settle/ledger-view.ts";
import type { Chain } from "../../src/ports.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { sampleLedger } from "../support/sample.ts";
import { testAnchorDeps, testChain, testCloseDeps } from "../support/settle.ts";

type Fault = "none" | "lost before the network" | "lost after the network kept it";

/** The first submit suffers the fault; later ones go through. */
function withFault(chain: Chain, fault: Fault): Chain {
  let submits = 0;
  return {
    ...chain,
    async submit(anchor) {
      submits++;
      if (submits > 1 || fault === "none") return chain.submit(anchor);
      if (fault === "lost after the network kept it") await chain.submit(anchor);
      throw new SettlementError("CHAIN_UNREACHABLE", "the connection broke");
    },
  };
}

async function closedSample(): Promise<LedgerSource> {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await closePartition("2026-08", "local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  return source;
}

async function ownTransactions(
  chain: Chain,
  account: string,
  engine: { accountTransactions(address: string): readonly unknown[] },
): Promise<number> {
  await chain.status();
  // The first transaction of the account is the payment that funded it.
  return engine.accountTransactions(account).length - 1;
}

describe("one closed month has one validated anchor", () => {
  test.for([
    { fault: "none", firstCall: "resolves" },
    { fault: "lost before the network", firstCall: "rejects" },
    { fault: "lost after the network kept it", firstCall: "rejects" },
  ] as const)("$fault", async ({ fault, firstCall }) => {
    const source = await closedSample();
    const { chain, account, localnet } = await testChain();
    const deps = testAnchorDeps(source, withFault(chain, fault));
    const first = anchorPartition("2026-08", deps).then(
      () => "resolves",
      () => "rejects",
    );
    expect(await first).toBe(firstCall);
    const again = await anchorPartition("2026-08", deps);
    expect(await anchorPartition("2026-08", deps)).toEqual(again);
    expect(await ownTransactions(chain, account, localnet.engine)).toBe(1);
  });

  test("a node that lost its state finds the anchor in the account's history and adopts it", async () => {
    const source = await closedSample();
    const { chain, account, localnet } = await testChain();
    const before = await anchorPartition("2026-08", testAnchorDeps(source, chain));
    const elsewhere = await closedSample();
    const adopted = await anchorPartition("2026-08", testAnchorDeps(elsewhere, chain));
    expect(adopted.blob).toEqual(before.blob);
    expect(await ownTransactions(chain, account, localnet.engine)).toBe(1);
  });

  test("a transaction that expired is proven absent, and only then a new one is signed", async () => {
    const source = await closedSample();
    const { chain, account, localnet } = await testChain();
    const never: Chain = { ...chain, submit: () => Promise.resolve("never sent") };
    const deps = testAnchorDeps(source, never);
    const stopped = { ...deps, patience: 2 };
    await expect(anchorPartition("2026-08", stopped)).rejects.toMatchObject({
      code: "ANCHOR_OUTCOME_UNKNOWN",
      kind: "uncertain",
    });
    for (let closes = 0; closes < 25; closes++) localnet.accept();
    const receipt = await anchorPartition("2026-08", { ...deps, chain });
    expect((await deps.attempts.list()).map(({ state }) => state)).toEqual(["expired", "anchored"]);
    expect(receipt.account).toBe(account);
    expect(await ownTransactions(chain, account, localnet.engine)).toBe(1);
  });
});

test("a month that is not closed cannot be anchored", async () => {
  const { chain } = await testChain();
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await expect(anchorPartition("2026-08", testAnchorDeps(source, chain))).rejects.toMatchObject({
    code: "PARTITION_NOT_CLOSED",
  });
});

test("a chain of another name than the manifest's signs nothing", async () => {
  const source = await closedSample();
  const { chain } = await testChain();
  const deps = testAnchorDeps(source, { ...chain, network: "testnet" });
  await expect(anchorPartition("2026-08", deps)).rejects.toMatchObject({ code: "CHAIN_WRONG_NETWORK" });
  expect(await deps.attempts.list()).toEqual([]);
});

test("a receipt that another made, or of another month, is not taken for ours", async () => {
  const source = await closedSample();
  const { chain } = await testChain();
  const deps = testAnchorDeps(source, chain);
  await anchorPartition("2026-08", deps);
  const bytes = (await source.archive.read("2026-08", "receipt.json")) ?? new Uint8Array();
  const foreign = JSON.parse(new TextDecoder().decode(bytes)) as { statement: string };
  const other = { ...foreign, statement: foreign.statement.replace(/ [A-Za-z0-9+/]+=*\n$/, ` ${"A".repeat(91)}=\n`) };
  const planted = await closedSample();
  await planted.archive.write("2026-08", "receipt.json", new TextEncoder().encode(JSON.stringify(other)));
  await expect(anchorPartition("2026-08", testAnchorDeps(planted, chain))).rejects.toMatchObject({
    code: "RECEIPT_REFUTED",
  });
  await closePartition("2026-09", "local", testCloseDeps(planted, Date.UTC(2026, 9, 2)));
  await planted.archive.write("2026-09", "receipt.json", bytes);
  await expect(anchorPartition("2026-09", testAnchorDeps(planted, chain))).rejects.toMatchObject({
    code: "LEDGER_REFUTED",
  });
});
