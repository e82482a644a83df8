import { describe, expect, test } from "vitest";
import type { SeenLedgers } from "../../src/ports.ts";
import { hostileTexts, unstorableTexts } from "./hostile-texts.ts";
import { failure, outcome } from "./temporary-folder.ts";

const hash = (mark: number): string => mark.toString(16).toUpperCase().padStart(64, "0");

/** What every `SeenLedgers` promises. @param make - an empty one */
export function seenLedgersContract(name: string, make: () => Promise<SeenLedgers>): void {
  describe(`${name} as seen ledgers`, () => {
    test("knows the highest, whatever came last", async () => {
      const seen = await make();
      expect([await seen.latest("testnet"), await seen.get("testnet", 9)]).toEqual([undefined, undefined]);
      for (const ledgerIndex of [9, 4_294_967_295, 10]) {
        await seen.record("testnet", { ledgerIndex, hash: hash(ledgerIndex) });
      }
      await seen.record("mainnet", { ledgerIndex: 0, hash: hash(1) });
      expect(await seen.latest("testnet")).toEqual({ ledgerIndex: 4_294_967_295, hash: hash(4_294_967_295) });
      expect(await seen.latest("mainnet")).toEqual({ ledgerIndex: 0, hash: hash(1) });
      expect(await seen.get("testnet", 9)).toEqual({ ledgerIndex: 9, hash: hash(9) });
      expect(await seen.get("mainnet", 9)).toBeUndefined();
    });

    test("one index of a network has one hash", async () => {
      const seen = await make();
      await seen.record("testnet", { ledgerIndex: 9, hash: hash(1) });
      await seen.record("testnet", { ledgerIndex: 9, hash: hash(1) });
      const fork = await failure(seen.record("testnet", { ledgerIndex: 9, hash: hash(2) }));
      expect([fork?.code, fork?.message]).toEqual(["CHAIN_FORKED", expect.stringContaining(`seen it as ${hash(1)}`)]);
      await seen.record("mainnet", { ledgerIndex: 9, hash: hash(2) });
      expect(await seen.get("testnet", 9)).toEqual({ ledgerIndex: 9, hash: hash(1) });
    });

    test("of several who record one index, those of one hash do", async () => {
      const seen = await make();
      const marks = [1, 2, 3, 1, 2, 3, 4];
      const outcomes = await Promise.all(
        marks.map((mark) => outcome(seen.record("testnet", { ledgerIndex: 9, hash: hash(mark) }))),
      );
      const kept = await seen.get("testnet", 9);
      expect(outcomes).toEqual(marks.map((mark) => (hash(mark) === kept?.hash ? "ok" : "CHAIN_FORKED")));
    });

    test("forgets one network, and then begins again", async () => {
      const seen = await make();
      for (const network of ["testnet", "mainnet"]) await seen.record(network, { ledgerIndex: 9, hash: hash(1) });
      await seen.forget("testnet");
      await seen.forget("devnet");
      expect([await seen.latest("testnet"), await seen.get("testnet", 9)]).toEqual([undefined, undefined]);
      await seen.record("testnet", { ledgerIndex: 9, hash: hash(2) });
      expect(await seen.latest("testnet")).toEqual({ ledgerIndex: 9, hash: hash(2) });
      expect(await seen.latest("mainnet")).toEqual({ ledgerIndex: 9, hash: hash(1) });
    });

    test("whoever records while a network is forgotten never meets a fork that is none", async () => {
      const seen = await make();
      const works = Array.from({ length: 30 }, (_, at) =>
        at % 3 === 0 ? seen.forget("testnet") : seen.record("testnet", { ledgerIndex: 9, hash: hash(1) }),
      );
      expect(await Promise.all(works.map(outcome))).toEqual(works.map(() => "ok"));
    });

    test("keeps any names apart, and refuses what it could not give back", async () => {
      const seen = await make();
      for (const text of hostileTexts) await seen.record(text, { ledgerIndex: 9, hash: text });
      for (const text of hostileTexts) expect(await seen.latest(text)).toEqual({ ledgerIndex: 9, hash: text });
      for (const text of unstorableTexts) {
        expect(await outcome(seen.record(text, { ledgerIndex: 9, hash: hash(1) }))).toBe("STATE_UNAVAILABLE");
        expect(await outcome(seen.record("testnet", { ledgerIndex: 9, hash: text }))).toBe("STATE_UNAVAILABLE");
      }
      expect(await seen.latest("testnet")).toBeUndefined();
    });
  });
}
