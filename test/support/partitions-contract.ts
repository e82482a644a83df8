import { describe, expect, test } from "vitest";
import type { PartitionRecord, Partitions, PartitionState } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";
import { outcome } from "./temporary-folder.ts";

const states = ["open", "closing", "closed", "anchoring", "anchored", "proven", "rejected"] as const;

/** Each state with those it goes to. */
const steps: Readonly<Record<PartitionState, string>> = {
  open: "open closing closed anchoring anchored proven rejected",
  closing: "open closing closed anchoring anchored proven rejected",
  closed: "closed anchoring anchored proven rejected",
  anchoring: "closed anchoring anchored proven rejected",
  anchored: "anchored proven",
  proven: "proven",
  rejected: "open closing closed anchoring anchored proven rejected",
};

const origin = "node.example/ledger";

function record(state: PartitionState, more: Partial<PartitionRecord> = {}): PartitionRecord {
  return { origin, month: "2026-03", state, changedUnixMs: 1_772_000_000_000, ...more };
}

/** What every `Partitions` promises. @param make - an empty one */
export function partitionsContract(name: string, make: () => Promise<Partitions>): void {
  describe(`${name} as partitions`, () => {
    test("has nothing at first", async () => {
      const partitions = await make();
      expect([await partitions.get(origin, "2026-03"), await partitions.list(origin)]).toEqual([undefined, []]);
    });

    test.each(states)("a month that was never recorded begins as %s, once", async (state) => {
      const partitions = await make();
      expect(await partitions.move(undefined, record(state))).toEqual(record(state));
      for (const other of states) {
        expect(await outcome(partitions.move(undefined, record(other)))).toBe("PARTITION_STATE_CONFLICT");
      }
      expect(await partitions.get(origin, "2026-03")).toEqual(record(state));
    });

    test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))(
      "goes from %s to %s, or says no",
      async (from, to) => {
        const partitions = await make();
        await partitions.move(undefined, record(from));
        const isAllowed = steps[from].split(" ").includes(to);
        const next = record(to, { changedUnixMs: 1_772_000_000_001 });
        expect(await outcome(partitions.move(from, next))).toBe(isAllowed ? "ok" : "PARTITION_STATE_CONFLICT");
        expect(await partitions.get(origin, "2026-03")).toEqual(isAllowed ? next : record(from));
      },
    );

    test("moves a month only from the state it is in, and only one that is there", async () => {
      const partitions = await make();
      await partitions.move(undefined, record("closed"));
      for (const before of ["open", "closing", "anchoring", "rejected"] as const) {
        const next = record(before === "anchoring" ? "anchored" : "rejected");
        expect(await outcome(partitions.move(before, next))).toBe("PARTITION_STATE_CONFLICT");
      }
      const absent = record("anchoring", { month: "2026-04" });
      expect(await outcome(partitions.move("closed", absent))).toBe("PARTITION_STATE_CONFLICT");
      const elsewhere = record("anchoring", { origin: "other.example/ledger" });
      expect(await outcome(partitions.move("closed", elsewhere))).toBe("PARTITION_STATE_CONFLICT");
      expect(await partitions.list(origin)).toEqual([record("closed")]);
      expect(await partitions.list("other.example/ledger")).toEqual([]);
    });

    test("replaces manifest hash and reason by those of the step", async () => {
      const partitions = await make();
      const closed = record("closed", { manifestHash: "ab".repeat(32) });
      await partitions.move(undefined, record("rejected", { reason: "a rule" }));
      expect(await partitions.move("rejected", closed)).toEqual(closed);
      expect(await partitions.get(origin, "2026-03")).toEqual(closed);
      const anchoring = record("anchoring", { manifestHash: "ab".repeat(32), reason: "no funds" });
      expect(await partitions.move("closed", anchoring)).toEqual(anchoring);
      expect(await partitions.move("anchoring", record("closed"))).toEqual(record("closed"));
    });

    test("of several who begin a month one does", async () => {
      const partitions = await make();
      const outcomes = await Promise.all(states.map((state) => outcome(partitions.move(undefined, record(state)))));
      expect(outcomes.toSorted()).toEqual([...states.slice(1).map(() => "PARTITION_STATE_CONFLICT"), "ok"]);
      expect(await partitions.list(origin)).toEqual([record(states[outcomes.indexOf("ok")] ?? "open")]);
    });

    test("of several who move a month one does", async () => {
      const partitions = await make();
      for (const month of ["2026-03", "2026-04", "2026-05"]) {
        await partitions.move(undefined, record("closed", { month }));
        const movers = Array.from({ length: 8 }, (_, at) => record("anchoring", { month, changedUnixMs: at }));
        const outcomes = await Promise.all(movers.map((next) => outcome(partitions.move("closed", next))));
        expect(outcomes.toSorted()).toEqual([...movers.slice(1).map(() => "PARTITION_STATE_CONFLICT"), "ok"]);
        expect(await partitions.get(origin, month)).toEqual(movers[outcomes.indexOf("ok")]);
      }
    });

    test("lists the months of one log, ascending", async () => {
      const partitions = await make();
      const months = ["2026-10", "2025-12", "2026-02", "2026-01"];
      for (const month of months) await partitions.move(undefined, record("open", { month }));
      await partitions.move(undefined, record("open", { origin: "other.example/ledger", month: "2026-03" }));
      expect((await partitions.list(origin)).map(({ month }) => month)).toEqual(months.toSorted());
    });

    test("keeps any text and time as it is", async () => {
      const partitions = await make();
      for (const [at, text] of hostileTexts.entries()) {
        const next = record("rejected", {
          origin: text,
          month: text,
          manifestHash: text,
          reason: text,
          changedUnixMs: Number.MAX_SAFE_INTEGER - at,
        });
        expect(await partitions.move(undefined, next)).toEqual(next);
        expect([await partitions.get(text, text), await partitions.list(text)]).toEqual([next, [next]]);
      }
      const long = record("rejected", { reason: longText, changedUnixMs: 0 });
      await partitions.move(undefined, long);
      expect(await partitions.get(origin, "2026-03")).toEqual(long);
    });

    test.each(unstorableTexts)("refuses names like %j, and keeps a reason that quotes it", async (text) => {
      const partitions = await make();
      for (const bad of [{ origin: text }, { month: text }, { manifestHash: text }]) {
        expect(await outcome(partitions.move(undefined, record("open", bad)))).toBe("STATE_UNAVAILABLE");
      }
      const kept = await partitions.move(undefined, record("rejected", { reason: `${text} is here` }));
      expect(kept.reason).toMatch(/\uFFFD.* is here$/u);
      expect(await partitions.list(origin)).toEqual([kept]);
    });

    test("knows when a month that was seen open was closed, whatever became of it later", async () => {
      const partitions = await make();
      const at = (changedUnixMs: number, month = "2026-03"): Partial<PartitionRecord> => ({ month, changedUnixMs });
      await partitions.move(undefined, record("open", at(1)));
      await partitions.move("open", record("closing", at(2)));
      expect(await partitions.closedTimes(origin)).toEqual(new Map());
      await partitions.move("closing", record("closed", at(3)));
      await partitions.move("closed", record("anchoring", at(4)));
      await partitions.move("anchoring", record("closed", at(5)));
      await partitions.move("closed", record("proven", at(6)));
      await partitions.move(undefined, record("closed", at(7, "2026-04")));
      expect(await partitions.closedTimes(origin)).toEqual(new Map([["2026-03", 3]]));
      expect(await partitions.closedTimes("other.example/ledger")).toEqual(new Map());
    });
  });
}
