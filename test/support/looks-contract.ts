import { describe, expect, test } from "vitest";
import type { Look, Looks } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";

function counted(said: string, times: number, firstUnixMs: number, lastUnixMs: number): Look {
  return { hash: "AA", act: "look", said, times, firstUnixMs, lastUnixMs };
}

/** What every `Looks` promises. @param make - an empty one */
export function looksContract(name: string, make: () => Promise<Looks>): void {
  describe(`${name} as looks`, () => {
    test("counts what was done again, in the order of the first times", async () => {
      const looks = await make();
      expect(await looks.list(["AA"])).toEqual(new Map());
      for (const [said, at] of [
        ["pending", 10],
        ["CHAIN_STALE", 11],
        ["pending", 15],
        ["pending", 12],
      ] as const) {
        await looks.record({ hash: "AA", act: "look", said }, at);
      }
      expect((await looks.list(["AA"])).get("AA")).toEqual([
        counted("pending", 3, 10, 15),
        counted("CHAIN_STALE", 1, 11, 11),
      ]);
    });

    test("tells transactions and acts apart", async () => {
      const looks = await make();
      await looks.record({ hash: "AA", act: "look", said: "pending" }, 1);
      await looks.record({ hash: "AA", act: "send", said: "pending" }, 2);
      await looks.record({ hash: "BB", act: "look", said: "pending" }, 3);
      expect((await looks.list(["AA"])).get("AA")?.map(({ act, times }) => [act, times])).toEqual([
        ["look", 1],
        ["send", 1],
      ]);
      const both = await looks.list(["AA", "BB"]);
      expect([both.get("AA"), both.get("BB")].map((each) => each?.length)).toEqual([2, 1]);
    });

    test("counts all of those that come at once", async () => {
      const looks = await make();
      await Promise.all(Array.from({ length: 12 }, () => looks.record({ hash: "AA", act: "look", said: "x" }, 1)));
      expect((await looks.list(["AA"])).get("AA")).toEqual([counted("x", 12, 1, 1)]);
    });

    test("keeps whatever a server says, cut short", async () => {
      const looks = await make();
      for (const said of [...hostileTexts, ...unstorableTexts, longText]) {
        await looks.record({ hash: "AA", act: "look", said }, 1);
      }
      const kept = (await looks.list(["AA"])).get("AA") ?? [];
      expect(kept.every(({ said }) => said.length <= 200)).toBe(true);
      for (const text of hostileTexts.filter(({ length }) => length < 100)) {
        expect(kept.map(({ said }) => said)).toContain(text);
      }
    });

    test("keeps so much of a transaction and no more, and goes on counting", async () => {
      const looks = await make();
      for (let at = 0; at < 120; at++) await looks.record({ hash: "AA", act: "send", said: `word ${at}` }, at);
      await looks.record({ hash: "AA", act: "send", said: "word 7" }, 200);
      const kept = (await looks.list(["AA"])).get("AA") ?? [];
      expect(kept).toHaveLength(100);
      expect(kept[7]).toMatchObject({ times: 2, lastUnixMs: 200 });
    });
  });
}
