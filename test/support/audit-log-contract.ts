import { describe, expect, test } from "vitest";
import type { AuditEntry, AuditLog } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";

function entry(detail: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return { atUnixMs: 1000, actor: "cli", act: "reopen", detail, outcome: "ok", ...more };
}

/** What every `AuditLog` promises. @param make - an empty one */
export function auditLogContract(name: string, make: () => Promise<AuditLog>): void {
  describe(`${name} as an audit log`, () => {
    test("has the last ones, newest first, whatever their clock said", async () => {
      const log = await make();
      expect(await log.list(10)).toEqual([]);
      const entries = [entry("a", { atUnixMs: 9 }), entry("b", { atUnixMs: Number.MAX_SAFE_INTEGER }), entry("c")];
      for (const each of entries) await log.record(each);
      expect(await log.list(10)).toEqual(entries.toReversed());
      expect(await log.list(2)).toEqual([entries[2], entries[1]]);
      expect(await log.list(0)).toEqual([]);
    });

    test("keeps the same act as often as it was done", async () => {
      const log = await make();
      await Promise.all(Array.from({ length: 12 }, () => log.record(entry("again"))));
      expect(await log.list(100)).toEqual(Array.from({ length: 12 }, () => entry("again")));
    });

    test("keeps any text as it is", async () => {
      const log = await make();
      const entries = [...hostileTexts, longText].map((text) => entry(text, { actor: text, act: text, outcome: text }));
      for (const each of entries) await log.record(each);
      expect(await log.list(100)).toEqual(entries.toReversed());
    });

    test("loses no entry for a text that cannot be kept", async () => {
      const log = await make();
      for (const text of unstorableTexts) await log.record(entry(text, { actor: text, act: text, outcome: text }));
      const kept = await log.list(100);
      expect(kept).toHaveLength(unstorableTexts.length);
      for (const { actor, act, detail, outcome } of kept) {
        expect([actor, act, outcome]).toEqual([detail, detail, detail]);
        expect(detail).toContain("\uFFFD");
      }
    });
  });
}
