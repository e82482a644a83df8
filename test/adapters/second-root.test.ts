import * as fc from "fast-check";
import { expect, test } from "vitest";
import { merkletreejsRoot } from "../../src/adapters/second-root.ts";
import { toHex } from "../../src/core/bytes.ts";
import { leafHash, rootOf } from "../../src/core/merkle.ts";
import { entryAt, ownEntryAt } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

const chunk = 2 ** 14;
const entriesOf = (size: number, entry = entryAt): Uint8Array[] => Array.from({ length: size }, (_, at) => entry(at));
const ownRoot = (entries: readonly Uint8Array[]): Uint8Array => rootOf(entries.map((entry) => leafHash(entry)));
const all = entriesOf(4 * chunk + 1);

test.for(golden.roots)("root of $size leaves", ({ size, root }) => {
  expect(toHex(merkletreejsRoot(entriesOf(size, ownEntryAt)))).toBe(root);
});

test.for([
  chunk - 1,
  chunk,
  chunk + 1,
  2 * chunk,
  2 * chunk + 1,
  3 * chunk - 5,
  3 * chunk + 1,
  4 * chunk,
  4 * chunk + 1,
])("both roots agree at the edges of chunks: %i leaves", (size) => {
  expect(merkletreejsRoot(all.slice(0, size))).toEqual(ownRoot(all.slice(0, size)));
});

test("both roots agree on any entries, equal ones and those of any length too", () => {
  const entry = fc.oneof(fc.constant(new Uint8Array(32)), fc.uint8Array({ maxLength: 70 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200, size: "max" }), (some) => {
      expect(merkletreejsRoot(some)).toEqual(ownRoot(some));
    }),
    { numRuns: 50 },
  );
});

test("a changed, swapped or dropped entry changes the second root", () => {
  const some = all.slice(0, 100);
  const [a, b] = some as [Uint8Array, Uint8Array];
  const root = toHex(merkletreejsRoot(some));
  const others = [some.with(99, a), some.with(0, b).with(1, a), some.slice(1), some.slice(0, -1), [...some, b]];
  for (const other of others) expect(toHex(merkletreejsRoot(other))).not.toBe(root);
});
