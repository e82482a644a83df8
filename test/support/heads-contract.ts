import { describe, expect, test } from "vitest";
import type { SignedHeads } from "../../src/ports.ts";
import { hostileTexts } from "./hostile-texts.ts";
import { outcome } from "./temporary-folder.ts";

const origin = "node.example/ledger";

/** What every `SignedHeads` promises. @param make - an empty one */
export function headsContract(name: string, make: () => Promise<SignedHeads>): void {
  describe(`${name} as signed heads`, () => {
    test("one size of a log has one root", async () => {
      const heads = await make();
      await heads.ready();
      await heads.record(origin, 7, "aa");
      await heads.record(origin, 7, "aa");
      await heads.record(origin, 8, "bb");
      await heads.record(`${origin}/2026-08`, 7, "cc");
      await expect(heads.record(origin, 7, "bb")).rejects.toMatchObject({ code: "HEAD_CONFLICT", kind: "conflict" });
      await heads.record(origin, 7, "aa");
      expect(await heads.list(`${origin}/2026-08`)).toEqual([{ size: 7, root: "cc" }]);
    });

    test("two who race for a size end with one root", async () => {
      const heads = await make();
      const roots = ["aa", "bb", "cc", "dd", "bb"];
      const outcomes = await Promise.all(roots.map((root) => outcome(heads.record(origin, 100, root))));
      const [head] = await heads.list(origin);
      expect(outcomes).toEqual(roots.map((root) => (root === head?.root ? "ok" : "HEAD_CONFLICT")));
    });

    test("lists the heads of one log, ascending by number", async () => {
      const heads = await make();
      expect(await heads.list(origin)).toEqual([]);
      for (const size of [10, 9, Number.MAX_SAFE_INTEGER, 0, 100]) await heads.record(origin, size, `r${size}`);
      await heads.record(`${origin}/2026-08`, 11, "cc");
      expect(await heads.list(origin)).toEqual(
        [0, 9, 10, 100, Number.MAX_SAFE_INTEGER].map((size) => ({ size, root: `r${size}` })),
      );
    });

    test("tells apart logs of any name", async () => {
      const heads = await make();
      for (const [size, text] of hostileTexts.entries()) await heads.record(text, size, "aa");
      for (const [size, text] of hostileTexts.entries()) expect(await heads.list(text)).toEqual([{ size, root: "aa" }]);
    });
  });
}
