import { UnrecoverableError } from "bullmq";
import { expect, test } from "vitest";
import { anchorProcessor } from "../../jobs/anchor.ts";
import { closeProcessor } from "../../jobs/close.ts";
import { retryRule } from "../../jobs/retry-rule.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { type ErrorCode, errorKinds, SettlementError } from "../../src/core/error.ts";
import { sampleLedger } from "../support/sample.ts";
import { testAnchorDeps, testChain, testCloseDeps } from "../support/settle.ts";

test("a closed month is anchored once, however often its jobs run", async () => {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  const close = closeProcessor("local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  const manifestHash = await close({ data: { month: "2026-08" } });
  expect(await close({ data: { month: "2026-08" } })).toBe(manifestHash);
  const { chain } = await testChain();
  const anchor = anchorProcessor(testAnchorDeps(source, chain));
  const transaction = await anchor({ data: { month: "2026-08" } });
  expect(transaction).toMatch(/^[0-9A-F]{64}$/);
  expect(await anchor({ data: { month: "2026-08" } })).toBe(transaction);
});

test("a month that is no month fails for good", async () => {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  const close = closeProcessor("local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  await expect(close({ data: { month: "../2026" } })).rejects.toThrowError(UnrecoverableError);
});

test.each(Object.entries(errorKinds))("%s, which is %s, is tried again only if that can help", (code, kind) => {
  const again = kind === "unavailable" || kind === "uncertain";
  expect(retryRule(new SettlementError(code as ErrorCode, "why")) instanceof UnrecoverableError).toBe(!again);
});

test("a bug fails for good", () => {
  expect(retryRule(new TypeError("x is not a function"))).toBeInstanceOf(UnrecoverableError);
});
