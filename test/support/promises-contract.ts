import { describe, expect, test } from "vitest";
import type { Promised, Promises } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";
import { outcome } from "./temporary-folder.ts";

function promised(id: string, more: Partial<Promised> = {}): Promised {
  return {
    id,
    origin: "node.example/ledger",
    leafIndex: 7,
    checkpoint: "node.example/ledger\n8\nAAAA\n\n— node.example/ledger BBBB\n",
    acceptedUnixMs: 1_772_000_000_000,
    ...more,
  };
}

/** What every `Promises` promises. @param make - an empty one */
export function promisesContract(name: string, make: () => Promise<Promises>): void {
  describe(`${name} as promises`, () => {
    test("finds what was kept", async () => {
      const promises = await make();
      expect(await promises.find(["a", "b"])).toEqual(new Map());
      const batch = [promised("b"), promised("a", { leafIndex: 8 }), promised("c")];
      expect(await promises.keep(batch)).toEqual(batch);
      expect(await promises.find(["a", "x", "b", "a"])).toEqual(
        new Map([
          ["a", batch[1]],
          ["b", batch[0]],
        ]),
      );
    });

    test("of nothing is nothing", async () => {
      const promises = await make();
      expect([await promises.keep([]), await promises.find([])]).toEqual([[], new Map()]);
    });

    test("an id that has a promise keeps it, also within a batch", async () => {
      const promises = await make();
      await promises.keep([promised("a")]);
      const batch = [
        promised("b", { leafIndex: 10 }),
        promised("a", { leafIndex: 11 }),
        promised("b", { leafIndex: 12 }),
        promised("c", { leafIndex: 13 }),
      ];
      expect(await promises.keep(batch)).toEqual([batch[0], promised("a"), batch[0], batch[3]]);
      expect(await promises.find(["b"])).toEqual(new Map([["b", batch[0]]]));
      const many = Array.from({ length: 600 }, (_, at) => promised(`d${(at * 7) % 5}`, { leafIndex: at }));
      expect(await promises.keep(many)).toEqual(many.map(({ id }) => many.find((each) => each.id === id)));
    });

    test("batches that race hold one promise an id, and each learns which", async () => {
      const promises = await make();
      // So many that they overlap in time: taken in another order by each, they would wait for each other for ever.
      const ids = Array.from({ length: 2000 }, (_, at) => `id ${at}`);
      const batches = Array.from({ length: 8 }, (_, worker) => {
        const turned = [...ids.slice(worker * 250), ...ids.slice(0, worker * 250)];
        return (worker % 2 === 0 ? turned : turned.toReversed()).map((id) => promised(id, { leafIndex: worker }));
      });
      const answers = await Promise.all(batches.map((batch) => promises.keep(batch)));
      const holding = await promises.find(ids);
      expect(holding.size).toBe(ids.length);
      expect(answers).toEqual(batches.map((batch) => batch.map(({ id }) => holding.get(id))));
    });

    test("keeps a batch whole or not at all", async () => {
      const promises = await make();
      for (const text of unstorableTexts) {
        for (const bad of [promised(text), promised("z", { origin: text }), promised("z", { checkpoint: text })]) {
          expect(await outcome(promises.keep([promised("a"), bad, promised("b")]))).toBe("STATE_UNAVAILABLE");
        }
      }
      expect(await promises.find(["a", "b", "z"])).toEqual(new Map());
    });

    test("keeps any text and number as it is", async () => {
      const promises = await make();
      const batch = hostileTexts.map((text, at) =>
        promised(text, {
          origin: text,
          checkpoint: text,
          leafIndex: Number.MAX_SAFE_INTEGER - at,
          acceptedUnixMs: Number.MAX_SAFE_INTEGER,
        }),
      );
      batch.push(promised("long", { checkpoint: longText, leafIndex: 0, acceptedUnixMs: 0 }));
      expect(await promises.keep(batch)).toEqual(batch);
      expect(await promises.find(batch.map(({ id }) => id))).toEqual(new Map(batch.map((each) => [each.id, each])));
    });

    test("takes a batch of thousands", async () => {
      const promises = await make();
      const batch = Array.from({ length: 5000 }, (_, at) => promised(`id ${at}`, { leafIndex: at }));
      expect(await promises.keep(batch)).toEqual(batch);
      expect((await promises.find(batch.map(({ id }) => id))).size).toBe(5000);
    });
  });
}
