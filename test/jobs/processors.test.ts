import { UnrecoverableError } from "bullmq";
import { describe, expect, test } from "vitest";
import { retryRule } from "../../jobs/retry-rule.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { type ErrorCode, errorKinds, SettlementError } from "../../src/core/error.ts";
import type { Chain, LedgerSnapshot } from "../../src/ports.ts";
import { retryMonth } from "../../src/settle/human-acts.ts";
import { memoryAuditLog } from "../../src/adapters/memory-audit-log.ts";
import { memorySeenLedgers } from "../../src/adapters/memory-seen-ledgers.ts";
import { sampleLedger } from "../support/sample.ts";
import { type TestChain, testChain } from "../support/settle.ts";
import { memoryWorkState, testWorker } from "../support/work.ts";

const november = Date.UTC(2026, 10, 21);
const origin = "test.example/ledger";

function sample(snapshot: LedgerSnapshot = sampleLedger()) {
  return { ledger: memoryLedger(snapshot), archive: memoryArchive() };
}

/** Anchors that are validated, beside the payment that funded the account. */
function anchorsOn({ localnet, account }: TestChain): number {
  return localnet.engine.accountTransactions(account).length - 1;
}

describe("the jobs of a node", () => {
  test("settle every month that is over, each once, whatever is lost in between", async () => {
    const source = sample();
    const network = await testChain();
    const state = memoryWorkState();
    const worker = testWorker(source, network.chain, { state, now: () => november });
    await worker.run({ job: "reconcile", data: {} });
    expect(worker.waiting()).toEqual(["close", "deliver"]);
    expect(await worker.drain()).toEqual([]);
    const months = ["2026-08", "2026-09", "2026-10"];
    const records = await state.partitions.list(origin);
    expect(records.map(({ month, state: reached }) => [month, reached])).toEqual(
      months.map((month) => [month, "anchored"]),
    );
    expect(anchorsOn(network)).toBe(3);
    const anchored = worker.log.filter(({ message }) => message === "anchored").map(({ month }) => month);
    expect(anchored).toEqual(months);
    const told = await state.notices.undelivered("nobody", 9);
    expect(told.map(({ type }) => type)).toEqual([
      ...months.map(() => "partition.closed"),
      ...months.map(() => "partition.anchored"),
    ]);

    // Queue and state are lost; the files and the chain are not.
    const again = testWorker(source, network.chain, { state: memoryWorkState(), now: () => november });
    await again.run({ job: "reconcile", data: {} });
    expect(await again.drain()).toEqual([]);
    await again.run({ job: "anchor", data: { month: "2026-09" } });
    expect(anchorsOn(network)).toBe(3);
    expect((await again.deps.partitions.list(origin)).map(({ state: reached }) => reached)).toEqual(
      months.map(() => "anchored"),
    );
  });

  test("the receipts are lost and the state too: the anchors are found and adopted", async () => {
    const source = sample();
    const network = await testChain();
    const worker = testWorker(source, network.chain, { state: memoryWorkState(), now: () => november });
    await worker.run({ job: "close", data: {} });
    expect(await worker.drain()).toEqual([]);
    const elsewhere = testWorker(sample(), network.chain, { state: memoryWorkState(), now: () => november });
    await elsewhere.run({ job: "close", data: {} });
    expect(await elsewhere.drain()).toEqual([]);
    expect(anchorsOn(network)).toBe(3);
  });

  test("two hosts on one ledger and one state end in one anchor a month", async () => {
    const source = sample();
    const network = await testChain();
    const state = memoryWorkState();
    const hosts = [1, 2].map(() => testWorker(source, network.chain, { state, now: () => november }));
    await Promise.all(hosts.map((host) => host.run({ job: "reconcile", data: {} })));
    expect((await Promise.all(hosts.map((host) => host.drain()))).flat()).toEqual([]);
    expect(anchorsOn(network)).toBe(3);
  });

  test("a month that breaks the rules is rejected, holds the later ones up, and goes on when a human says so", async () => {
    const source = sample();
    const network = await testChain();
    const state = memoryWorkState();
    const worker = testWorker(source, network.chain, { state, now: () => november });
    let faults: readonly string[] = ["EVENT_SIGNATURE_INVALID ledger/2026-09.json:4 signed by nobody"];
    const judge = async (): Promise<readonly string[]> => faults;
    const deps = { ...worker.deps, close: { ...worker.deps.close, judge } };
    const close = async (): Promise<unknown> => (await import("../../jobs/close.ts")).closeJob({}, deps);
    await expect(close()).rejects.toMatchObject({ code: "PARTITION_REJECTED" });
    expect(await state.partitions.get(origin, "2026-08")).toMatchObject({
      state: "rejected",
      reason: expect.stringContaining("EVENT_SIGNATURE_INVALID") as string,
    });
    faults = [];
    await expect(close()).rejects.toMatchObject({ message: expect.stringContaining("waits for a human") as string });
    const human = { ...source, ...state, seenLedgers: memorySeenLedgers(), auditLog: memoryAuditLog() };
    expect(await retryMonth("2026-08", { ...human, network: "local", clock: () => november })).toHaveLength(1);
    await close();
    expect(await worker.drain()).toEqual([]);
    expect(anchorsOn(network)).toBe(3);
    const told = await state.notices.undelivered("nobody", 9);
    expect(told.filter(({ type }) => type === "partition.failed")).toHaveLength(1);
  });

  test("a transaction that was validated without success stops its month, and a human lets another follow", async () => {
    const source = sample();
    const network = await testChain();
    const state = memoryWorkState();
    const silent: Chain = { ...network.chain, submit: () => Promise.resolve("never sent") };
    const september = { state, now: () => Date.UTC(2026, 8, 3) };
    await testWorker(source, silent, september).run({ job: "close", data: {} });
    await testWorker(source, silent, september).run({ job: "anchor", data: { month: "2026-08" } });
    const [sent] = await state.attempts.list();
    if (!sent) throw new Error("nothing was signed");
    await state.attempts.advance(sent, "failed", { result: "tecINSUFF_FEE" });
    const worker = testWorker(source, network.chain, september);
    await expect(worker.run({ job: "anchor", data: { month: "2026-08" } })).rejects.toMatchObject({
      code: "ANCHOR_FAILED",
    });
    expect(await state.partitions.get(origin, "2026-08")).toMatchObject({
      state: "anchoring",
      reason: expect.stringContaining("tecINSUFF_FEE") as string,
    });
    const human = { ...source, ...state, seenLedgers: memorySeenLedgers(), auditLog: memoryAuditLog() };
    await retryMonth("2026-08", { ...human, network: "local", clock: september.now });
    await worker.deps.enqueue({ job: "anchor", data: { month: "2026-08" } });
    expect(await worker.drain()).toEqual([]);
    expect((await state.attempts.list()).map(({ state: reached }) => reached)).toEqual(["expired", "anchored"]);
    expect(anchorsOn(network)).toBe(1);
    expect(await state.partitions.get(origin, "2026-08")).not.toHaveProperty("reason");
  });
});

test("a month that is no month fails for good", async () => {
  const { chain } = await testChain();
  const worker = testWorker(sample(), chain, { state: memoryWorkState(), now: () => november });
  await expect(worker.run({ job: "close", data: { month: "../2026" } })).rejects.toMatchObject({ kind: "invalid" });
});

test.each(Object.entries(errorKinds))("%s, which is %s, is tried again only if that can help", (code, kind) => {
  const again = kind === "unavailable" || kind === "uncertain";
  expect(retryRule(new SettlementError(code as ErrorCode, "why")) instanceof UnrecoverableError).toBe(!again);
});

test("a bug fails for good", () => {
  expect(retryRule(new TypeError("x is not a function"))).toBeInstanceOf(UnrecoverableError);
});
