import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { Dialect, LedgerEvent } from "../../src/core/ledger-event.ts";
import type { Archive, Ledger, SharedLedger } from "../../src/ports.ts";
import { jsonlEvent, monthlyEvent } from "./made-events.ts";
import { outcome } from "./temporary-folder.ts";

async function filesOf(ledger: Ledger): Promise<Record<string, string[]>> {
  const { files } = await ledger.snapshot();
  return Object.fromEntries(Array.from(files, ([month, events]) => [month, events.map(({ id }) => id)]));
}

/** What every `SharedLedger` promises. @param make - one without events, and the archive that closes its months */
export function ledgerContract(
  name: string,
  make: () => Promise<{ readonly ledger: SharedLedger; readonly archive: Archive }>,
): void {
  describe.each<Dialect>(["monthly", "jsonl"])(`${name} as a ledger of the %s dialect`, (dialect) => {
    const event = dialect === "monthly" ? monthlyEvent : jsonlEvent;
    const march = Array.from({ length: 5 }, (_, at) => event(`march ${at}`));
    const april = Array.from({ length: 3 }, (_, at) => event(`april "${at}" é\\`, "2026-04-30T23:59:59Z"));
    const ids = (events: readonly LedgerEvent[]): string[] => events.map(({ id }) => id);

    test("holds what is appended, in the order given, whatever the batches", async () => {
      const { ledger } = await make();
      await ledger.append("2026-03", march.slice(0, 1));
      await ledger.append("2026-04", april);
      await ledger.append("2026-03", []);
      await ledger.append("2026-03", march.slice(1));
      expect(await filesOf(ledger)).toEqual(
        dialect === "monthly"
          ? { "2026-03": ids(march), "2026-04": ids(april) }
          : { "": ids([...march.slice(0, 1), ...april, ...march.slice(1)]) },
      );
      const { dialect: found, files } = await ledger.snapshot();
      expect(found).toBe(dialect);
      expect([...files.values()].flat().map(({ json }) => json)).toContainEqual(april[2]?.json);
    });

    test("takes calls that do not wait for each other, in the order of the calls", async () => {
      const { ledger } = await make();
      const appends = march.map((one) => ledger.append("2026-03", [one]));
      const seen = await filesOf(ledger);
      await Promise.all(appends);
      expect(Object.values(seen)[0] ?? []).toEqual(ids(march).slice(0, Object.values(seen)[0]?.length ?? 0));
      expect(Object.values(await filesOf(ledger))).toEqual([ids(march)]);
    });

    test("takes no event of the other dialect", async () => {
      const { ledger } = await make();
      const stranger = dialect === "monthly" ? jsonlEvent("x") : monthlyEvent("x");
      expect(await outcome(ledger.append("2026-03", [...march, stranger]))).toBe("LEDGER_MIXED_DIALECTS");
      expect(Object.values(await filesOf(ledger)).flat()).toEqual([]);
      await ledger.append("2026-03", march);
      expect(await outcome(ledger.append("2026-04", [stranger]))).toBe("LEDGER_MIXED_DIALECTS");
      expect(Object.values(await filesOf(ledger)).flat()).toEqual(ids(march));
    });

    test.each(["2026-3", "2026-13", "", "../2026-03", "9999-01", "2026-03.json"])(
      "takes nothing for the month %j",
      async (month) => {
        const { ledger } = await make();
        expect(await outcome(ledger.append(month, march))).toBe("MONTH_MALFORMED");
        expect(Object.values(await filesOf(ledger)).flat()).toEqual([]);
      },
    );

    test("a closed month is sealed in the monthly dialect; in jsonl a late event goes to the next", async () => {
      const { ledger, archive } = await make();
      await ledger.append("2026-03", march.slice(0, 2));
      await archive.write("2026-03", "checkpoint", utf8("not closed yet"));
      await ledger.append("2026-03", march.slice(2, 3));
      await archive.write("2026-03", "manifest.json", utf8("{}"));
      const isSealed = dialect === "monthly";
      expect(await outcome(ledger.append("2026-03", march.slice(3)))).toBe(
        isSealed ? "PARTITION_ALREADY_CLOSED" : "ok",
      );
      expect(Object.values(await filesOf(ledger))).toEqual([ids(isSealed ? march.slice(0, 3) : march)]);
      expect(await outcome(ledger.append("2026-04", april))).toBe("ok");
    });

    test("has one version until it changes", async () => {
      const { ledger, archive } = await make();
      const seen = [await ledger.version()];
      const expectChange = async (): Promise<void> => {
        const version = await ledger.version();
        expect(seen).not.toContain(version);
        expect(await ledger.version()).toBe(version);
        seen.push(version);
      };
      await ledger.append("2026-03", march.slice(0, 1));
      await expectChange();
      await ledger.append("2026-04", april);
      await expectChange();
      await archive.write("2026-03", "manifest.json", utf8("{}"));
      await expectChange();
    });

    test("is extended from the version that is known, and from no other", async () => {
      const { ledger } = await make();
      const empty = await ledger.version();
      const first = await ledger.extend(empty, "2026-03", march.slice(0, 2));
      expect(first).toBe(await ledger.version());
      const second = await ledger.extend(first, "2026-04", april);
      const third = await ledger.extend(second, "2026-03", march.slice(2));
      expect(third).toBe(await ledger.version());
      expect(await outcome(ledger.extend(second, "2026-03", [event("late")]))).toBe("LEDGER_CHANGED");
      await ledger.append("2026-04", [event("theirs", "2026-04-01T00:00:00Z")]);
      expect(await outcome(ledger.extend(third, "2026-03", [event("late")]))).toBe("LEDGER_CHANGED");
      expect(Object.values(await filesOf(ledger)).flat()).toHaveLength(march.length + april.length + 1);
    });

    test("works alone, one after the other, whatever becomes of the work", async () => {
      const { ledger } = await make();
      const steps: string[] = [];
      const work = async (name: string): Promise<string> => {
        steps.push(`${name} begins`);
        await ledger.version();
        steps.push(`${name} ends`);
        if (name === "b") throw new SettlementError("STATE_UNAVAILABLE", "b fails");
        return name;
      };
      const all = await Promise.allSettled(["a", "b", "c"].map((name) => ledger.alone(() => work(name))));
      expect(all.map((each) => (each.status === "fulfilled" ? each.value : "failed"))).toEqual(["a", "failed", "c"]);
      expect(steps).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
    });
  });
}
