import { describe, expect, test } from "vitest";
import type { Attempts, AttemptState } from "../../src/ports.ts";
import { signedAnchor } from "./signed-anchor.ts";
import { outcome } from "./temporary-folder.ts";

const states: readonly AttemptState[] = ["prepared", "submitted", "anchored", "expired", "failed"];
const manifestHash = "ab".repeat(32);

/** What every `Attempts` promises. @param make - an empty one */
export function attemptsContract(name: string, make: () => Promise<Attempts>): void {
  describe(`${name} as anchor attempts`, () => {
    test("has nothing at first", async () => {
      const attempts = await make();
      expect([await attempts.latest("testnet", manifestHash), await attempts.list()]).toEqual([undefined, []]);
    });

    test("gives back what was prepared", async () => {
      const attempts = await make();
      const stored = await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
      expect(stored).toEqual({ month: "2026-03", manifestHash, number: 1, state: "prepared", anchor: signedAnchor(1) });
      expect(await attempts.latest("testnet", manifestHash)).toEqual(stored);
      expect(await attempts.latest("mainnet", manifestHash)).toBeUndefined();
      expect(await attempts.latest("testnet", "cd".repeat(32))).toBeUndefined();
    });

    test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))(
      "goes from %s to %s, or says no",
      async (from, to) => {
        const attempts = await make();
        const first = await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
        const attempt = from === "prepared" ? first : await attempts.advance(first, from);
        const isOpen = ["prepared", "submitted"].includes(from);
        const isAllowed = from === "failed" ? to === "expired" : isOpen && to !== "prepared" && to !== from;
        expect(await outcome(attempts.advance(attempt, to))).toBe(isAllowed ? "ok" : "ATTEMPT_CONFLICT");
        expect((await attempts.latest("testnet", manifestHash))?.state).toBe(isAllowed ? to : from);
      },
    );

    test("keeps the facts of each step", async () => {
      const attempts = await make();
      const prepared = await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
      const submitted = await attempts.advance(prepared, "submitted", { result: "terQUEUED" });
      expect(submitted).toEqual({ ...prepared, state: "submitted", result: "terQUEUED" });
      const anchored = await attempts.advance(submitted, "anchored", {
        ledgerIndex: 4_294_967_290,
        result: "tesSUCCESS",
      });
      expect(anchored).toEqual({ ...prepared, state: "anchored", ledgerIndex: 4_294_967_290, result: "tesSUCCESS" });
      expect(await attempts.list()).toEqual([anchored]);
    });

    test("moves an attempt only from the state it is known in", async () => {
      const attempts = await make();
      const prepared = await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
      await attempts.advance(prepared, "submitted");
      expect(await outcome(attempts.advance(prepared, "expired"))).toBe("ATTEMPT_CONFLICT");
      expect((await attempts.latest("testnet", manifestHash))?.state).toBe("submitted");
    });

    test("moves no attempt that is not stored", async () => {
      const [attempts, others] = [await make(), await make()];
      const foreign = await others.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
      const known = await attempts.list();
      const absent = { ...foreign, number: 7 };
      expect(await outcome(attempts.advance(absent, "submitted"))).toBe("ATTEMPT_CONFLICT");
      expect(await attempts.list()).toHaveLength(known.length);
    });

    test("two racing moves end in one", async () => {
      const attempts = await make();
      const prepared = await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
      const steps = ["submitted", "expired", "anchored", "failed"] as const;
      const outcomes = await Promise.all(steps.map((step) => outcome(attempts.advance(prepared, step))));
      expect(outcomes.filter((code) => code === "ok")).toHaveLength(1);
      expect((await attempts.latest("testnet", manifestHash))?.state).toBe(steps[outcomes.indexOf("ok")]);
    });

    test("two racing prepares end in one, the first time and after an expired attempt", async () => {
      const attempts = await make();
      const race = async (marks: readonly number[]): Promise<number> => {
        const previous = await attempts.latest("testnet", manifestHash);
        const outcomes = await Promise.all(
          marks.map((mark) => outcome(attempts.prepare("2026-03", manifestHash, signedAnchor(mark), previous))),
        );
        expect(outcomes.toSorted()).toEqual([...marks.slice(1).map(() => "ATTEMPT_CONFLICT"), "ok"]);
        return marks[outcomes.indexOf("ok")] ?? 0;
      };
      const winner = await race([1, 2, 3]);
      const stored = await attempts.latest("testnet", manifestHash);
      expect(stored?.anchor).toEqual(signedAnchor(winner));
      if (stored) await attempts.advance(stored, "expired");
      const second = await race([4, 5, 6]);
      expect(await attempts.latest("testnet", manifestHash)).toMatchObject({ number: 2, anchor: signedAnchor(second) });
      expect(await attempts.list()).toHaveLength(2);
    });

    test.each(states.filter((state) => state !== "expired"))(
      "nothing is prepared after an attempt that is %s",
      async (state) => {
        const attempts = await make();
        const first = await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
        const attempt = state === "prepared" ? first : await attempts.advance(first, state);
        for (const previous of [undefined, attempt, { ...attempt, state: "expired" as const }]) {
          expect(await outcome(attempts.prepare("2026-03", manifestHash, signedAnchor(2), previous))).toBe(
            "ATTEMPT_CONFLICT",
          );
        }
        expect(await attempts.list()).toEqual([attempt]);
      },
    );

    test("nothing is prepared after an attempt that is not the latest, or is not there", async () => {
      const attempts = await make();
      const first = await attempts.advance(
        await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined),
        "expired",
      );
      await attempts.prepare("2026-03", manifestHash, signedAnchor(2), first);
      for (const previous of [undefined, first, { ...first, number: 5 }]) {
        expect(await outcome(attempts.prepare("2026-03", manifestHash, signedAnchor(3), previous))).toBe(
          "ATTEMPT_CONFLICT",
        );
      }
    });

    test("one transaction is one attempt", async () => {
      const attempts = await make();
      await attempts.prepare("2026-03", manifestHash, signedAnchor(1), undefined);
      const again = attempts.prepare("2026-04", "cd".repeat(32), signedAnchor(1), undefined);
      expect(await outcome(again)).toBe("ATTEMPT_CONFLICT");
    });

    test("lists months ascending, with each network for itself", async () => {
      const attempts = await make();
      const keys = [
        ["2026-04", "testnet"],
        ["2026-03", "xrpl-1025"],
        ["2026-03", "local"],
        ["2026-05", "mainnet"],
      ] as const;
      for (const [at, [month, network]] of keys.entries()) {
        await attempts.prepare(month, manifestHash, signedAnchor(at, network), undefined);
      }
      expect((await attempts.list()).map(({ month, anchor }) => [month, anchor.network])).toEqual([
        ["2026-03", "local"],
        ["2026-03", "xrpl-1025"],
        ["2026-04", "testnet"],
        ["2026-05", "mainnet"],
      ]);
    });
  });
}
