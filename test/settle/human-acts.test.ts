import { expect, test } from "vitest";
import { memoryAuditLog } from "../../src/adapters/memory-audit-log.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { AuditEntry, AuditLog } from "../../src/ports.ts";
import { audited } from "../../src/settle/human-acts.ts";

const who = { actor: "cli", act: "retry", detail: "2026-08" };
const clock = (): number => 1000;

/** An audit log that keeps so many entries and no more. */
function fullAfter(kept: number): AuditLog & { readonly entries: AuditEntry[] } {
  const entries: AuditEntry[] = [];
  return {
    ...memoryAuditLog(),
    entries,
    async record(entry) {
      if (entries.length >= kept) throw new SettlementError("STATE_UNAVAILABLE", "the disk is full");
      entries.push(entry);
    },
  };
}

test.for<readonly [outcome: string, act: () => Promise<unknown>, expected: string]>([
  ["done", async () => "result", "result"],
  [
    "PARTITION_NOT_FOUND",
    () => Promise.reject(new SettlementError("PARTITION_NOT_FOUND", "no such month")),
    "PARTITION_NOT_FOUND",
  ],
  ["a bug", () => Promise.reject(new TypeError("x is undefined")), "x is undefined"],
])("an act is written down before it is done, and how it ended: %s", async ([outcome, act, expected]) => {
  const auditLog = fullAfter(9);
  const seen: string[] = [];
  const result = await audited({ auditLog, clock }, who, () => {
    seen.push(...auditLog.entries.map((entry) => entry.outcome));
    return act();
  }).catch((error: unknown) => (error instanceof SettlementError ? error.code : (error as Error).message));
  expect([result, seen]).toEqual([expected, ["asked"]]);
  expect(auditLog.entries.map((entry) => entry.outcome)).toEqual(["asked", outcome]);
});

test("an act that cannot be written down is not done", async () => {
  let isDone = false;
  const act = async (): Promise<void> => void (isDone = true);
  await expect(audited({ auditLog: fullAfter(0), clock }, who, act)).rejects.toMatchObject({
    code: "STATE_UNAVAILABLE",
  });
  expect(isDone).toBe(false);
});

test("an act whose end cannot be written down is done all the same, and that it was asked for is kept", async () => {
  const auditLog = fullAfter(1);
  expect(await audited({ auditLog, clock }, who, async () => "done")).toBe("done");
  expect(auditLog.entries).toEqual([{ ...who, atUnixMs: 1000, outcome: "asked" }]);
});
