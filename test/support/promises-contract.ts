import { describe, expect, test } from "vitest";
import type { PromisedHead, Promises } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";
import { outcome } from "./temporary-folder.ts";

const origin = "node.example/ledger";

function head(size: number, more: Partial<PromisedHead> = {}): PromisedHead {
  return {
    origin,
    size,
    checkpoint: `node.example/ledger\n${size}\nAAAA\n\n— node.example/ledger BBBB\n`,
    acceptedUnixMs: 1_772_000_000_000 + size,
    ...more,
  };
}

/** What every `Promises` promises. @param make - an empty one */
export function promisesContract(name: string, make: () => Promise<Promises>): void {
  describe(`${name} as promises`, () => {
    test("the first head that covers a leaf is its promise", async () => {
      const promises = await make();
      expect(await promises.covering(origin, [0, 7])).toEqual(new Map());
      for (const size of [3, 4, 9]) expect(await promises.keep(head(size))).toEqual(head(size));
      expect(await promises.covering(origin, [9, 8, 0, 2, 3, 4, 8, 100])).toEqual(
        new Map([
          [8, head(9)],
          [0, head(3)],
          [2, head(3)],
          [3, head(4)],
          [4, head(9)],
        ]),
      );
      expect(await promises.covering(origin, [])).toEqual(new Map());
    });

    test("each log has its own", async () => {
      const promises = await make();
      const month = { origin: `${origin}/2026-04` };
      await promises.keep(head(5));
      expect(await promises.keep(head(2, month))).toEqual(head(2, month));
      expect(await promises.covering(month.origin, [1, 3])).toEqual(new Map([[1, head(2, month)]]));
      expect(await promises.covering(origin, [1, 3])).toEqual(
        new Map([
          [1, head(5)],
          [3, head(5)],
        ]),
      );
    });

    test("what was promised stays, whatever comes later", async () => {
      const promises = await make();
      await promises.keep(head(5));
      expect(await promises.keep(head(5, { acceptedUnixMs: 1, checkpoint: "other" }))).toEqual(head(5));
      // A smaller head comes too late: its leaves are promised by the larger one already.
      expect(await promises.keep(head(3))).toEqual(head(5));
      await promises.keep(head(8));
      expect(await promises.keep(head(4))).toEqual(head(5));
      expect(await promises.keep(head(6))).toEqual(head(8));
      expect(await promises.covering(origin, [0, 3, 4, 5, 7, 8])).toEqual(
        new Map([
          [0, head(5)],
          [3, head(5)],
          [4, head(5)],
          [5, head(8)],
          [7, head(8)],
        ]),
      );
    });

    test("heads that race: whoever looks sees what holds from then on", async () => {
      const promises = await make();
      const sizes = Array.from({ length: 64 }, (_, at) => 1 + ((at * 37) % 64));
      const answers = await Promise.all(
        sizes.map(async (size) => {
          const kept = await promises.keep(head(size));
          return { size, kept, seen: await promises.covering(origin, [size - 1]) };
        }),
      );
      const holding = await promises.covering(
        origin,
        sizes.map((size) => size - 1),
      );
      for (const { size, kept, seen } of answers) {
        expect(kept?.size).toBeGreaterThanOrEqual(size);
        expect([holding.get(size - 1), seen.get(size - 1)]).toEqual([kept, kept]);
      }
      expect(holding.get(63)).toEqual(head(64));
    });

    test("a log that is sealed keeps what it has, and takes no more", async () => {
      const promises = await make();
      const month = `${origin}/2026-04`;
      await promises.keep(head(5));
      await promises.seal(origin);
      await promises.seal(origin);
      await promises.seal(month);
      expect(await promises.keep(head(4))).toEqual(head(5));
      expect(await promises.keep(head(6))).toBeUndefined();
      expect(await promises.keep(head(1, { origin: month }))).toBeUndefined();
      expect(await promises.covering(origin, [4, 5, 6])).toEqual(new Map([[4, head(5)]]));
      expect(await promises.covering(month, [0])).toEqual(new Map());
      expect(await promises.keep(head(1, { origin: "other" }))).toEqual(head(1, { origin: "other" }));
    });

    test("a seal that races with heads: what was answered as kept is kept", async () => {
      const promises = await make();
      const sizes = Array.from({ length: 20 }, (_, at) => at + 1);
      const answers = await Promise.all([
        ...sizes.map((size) => promises.keep(head(size))),
        promises.seal(origin).then(() => undefined),
        ...sizes.map((size) => promises.keep(head(size + 20))),
      ]);
      const holding = await promises.covering(
        origin,
        sizes.map((size) => size - 1),
      );
      for (const [at, size] of sizes.entries()) expect(answers[at]).toEqual(holding.get(size - 1));
      expect(await promises.keep(head(100))).toBeUndefined();
    });

    test("keeps a head whole or not at all", async () => {
      const promises = await make();
      for (const text of unstorableTexts) {
        for (const bad of [head(1, { origin: text }), head(1, { checkpoint: text })]) {
          expect(await outcome(promises.keep(bad))).toBe("STATE_UNAVAILABLE");
        }
        expect(await outcome(promises.seal(text))).toBe("STATE_UNAVAILABLE");
      }
      expect(await promises.covering(origin, [0])).toEqual(new Map());
    });

    test("keeps any text and number as it is", async () => {
      const promises = await make();
      const largest = Number.MAX_SAFE_INTEGER;
      for (const text of hostileTexts) {
        const odd = head(largest, { origin: text, checkpoint: text, acceptedUnixMs: largest });
        expect(await promises.keep(odd)).toEqual(odd);
        expect(await promises.covering(text, [largest - 1])).toEqual(new Map([[largest - 1, odd]]));
      }
      const long = head(1, { checkpoint: longText, acceptedUnixMs: 0 });
      expect(await promises.keep(long)).toEqual(long);
      expect(await promises.covering(origin, [0])).toEqual(new Map([[0, long]]));
    });

    test("is asked for thousands of leaves at once", async () => {
      const promises = await make();
      for (let size = 100; size <= 5000; size += 100) await promises.keep(head(size));
      const leaves = Array.from({ length: 5000 }, (_, at) => (at * 7) % 5000);
      const found = await promises.covering(origin, leaves);
      expect(found.size).toBe(5000);
      for (const [leaf, { size }] of found) expect(size).toBe(100 * (1 + Math.floor(leaf / 100)));
    });
  });
}
