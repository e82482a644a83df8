import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { laneTreeHashing } from "../../src/adapters/lane-tree.ts";
import { nodeMonthLogs, nodeTreeHashing, opensslTreeHashing } from "../../src/adapters/node-tree.ts";
import { concatBytes, toHex } from "../../src/core/bytes.ts";
import { sha256 } from "../../src/core/hash.ts";
import { hashLog } from "../../src/core/hash-log.ts";
import { leafHash, rootOf } from "../../src/core/merkle.ts";
import type { TreeHead } from "../../src/core/merkle-proof.ts";
import { monthLogs, type NewMonthLogs } from "../../src/core/month-logs.ts";
import { emptyLog, openTiles, type OpenTiles } from "../../src/core/open-tiles.ts";
import { partialTiles, type TileFile, tilePath } from "../../src/core/tiles.ts";
import { tileBuilder } from "../../src/core/tile-builder.ts";
import { blockBytes, mostMessageBytes, padBlock, type TreeHashing, treeHashing } from "../../src/core/tree-hashing.ts";
import { entryAt, ownEntryAt } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

function rootBy(hashing: TreeHashing, entries: readonly Uint8Array[]): Uint8Array {
  const leaves = new Uint8Array(32 * entries.length);
  hashing.leaves(concatBytes(...entries), leaves);
  const log = hashLog(() => undefined, hashing);
  log.append(leaves);
  return log.finish().root;
}

const lanes = laneTreeHashing() ?? opensslTreeHashing;

test("four lanes are there", () => {
  expect(laneTreeHashing()).toBeDefined();
});

describe.each([
  ["OpenSSL", opensslTreeHashing],
  ["four lanes", lanes],
  ["what is soonest here", nodeTreeHashing],
])("hashing by %s", (_, hashing) => {
  test.for(golden.roots)("has the root of $size leaves", ({ size, root }) => {
    const entries = Array.from({ length: size }, (_, at) => ownEntryAt(at));
    expect(toHex(rootBy(hashing, entries))).toBe(root);
  });

  test("gives the hashes of the core, whatever the bytes and however many there are", () => {
    const some = fc.uint8Array({ minLength: 64, maxLength: 64 * 11 }).map((bytes) => bytes.slice(bytes.length % 64));
    fc.assert(
      fc.property(some, (bytes) => {
        const ofEntries = new Uint8Array(bytes.length);
        hashing.leaves(bytes, ofEntries);
        const [expected, given] = [new Uint8Array(bytes.length), bytes.slice()];
        treeHashing().leaves(bytes, expected);
        expect(ofEntries).toEqual(expected);
        expect(bytes).toEqual(given);
        // A node may take the place of the two below it.
        hashing.nodes(bytes, bytes.subarray(0, bytes.length / 2));
        treeHashing().nodes(given, given.subarray(0, given.length / 2));
        expect(bytes).toEqual(given);
      }),
      { numRuns: 200 },
    );
  });

  test("hashes messages of one block, whatever their length", () => {
    const message = fc.uint8Array({ maxLength: mostMessageBytes, size: "max" });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 9 }), (messages) => {
        const blocks = new Uint8Array(blockBytes * messages.length).fill(0xff);
        for (const [at, each] of messages.entries()) {
          blocks.set(each, blockBytes * at);
          padBlock(blocks, blockBytes * at, each.length);
        }
        const found = new Uint8Array(32 * messages.length);
        hashing.blocks(blocks, found);
        expect(found).toEqual(concatBytes(...messages.map((each) => sha256(each))));
      }),
    );
  });

  test("takes more than its memory holds", () => {
    const bytes = Uint8Array.from({ length: 100_032 }, (_, at) => at * 7 + (at >> 8));
    const [found, expected] = [new Uint8Array(bytes.length), new Uint8Array(bytes.length)];
    for (const [by, target] of [
      [hashing, found],
      [treeHashing(), expected],
    ] as const) {
      by.leaves(bytes, target);
      by.nodes(target, target.subarray(0, target.length / 2));
    }
    expect(found).toEqual(expected);
  });
});

test("a tree that takes many at once agrees with one that takes leaf by leaf", () => {
  const entry = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 600, size: "max" }), (entries) => {
      const expected = rootOf(entries.map((each) => leafHash(each)));
      expect(rootBy(nodeTreeHashing, entries)).toEqual(expected);
      expect(rootBy(treeHashing(), entries)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

interface Grown {
  readonly heads: { readonly month: TreeHead; readonly ledger: TreeHead };
  readonly own: readonly TileFile[];
  readonly whole: readonly TileFile[];
}

/** Both logs of a month, the ledger log going on from `from`. */
type Grow = (from: OpenTiles, entries: readonly Uint8Array[]) => Grown;

const atOnce =
  (newLogs: NewMonthLogs, parts: readonly number[]): Grow =>
  (from, entries) => {
    const [own, whole]: [TileFile[], TileFile[]] = [[], []];
    const logs = newLogs(from, { onTile: (tile) => own.push(tile), onLedgerTile: (tile) => whole.push(tile) });
    for (let [at, part] = [0, 0]; at < entries.length; part++) {
      const end = at + (parts[part % parts.length] ?? 1);
      logs.append(concatBytes(...entries.slice(at, end)));
      at = end;
    }
    return { heads: logs.finish(), own, whole };
  };

const leafByLeaf: Grow = (from, entries) => {
  const [own, whole]: [TileFile[], TileFile[]] = [[], []];
  const month = tileBuilder((tile) => own.push(tile));
  const ledger = hashLog((tile) => whole.push(tile), undefined, from);
  for (const entry of entries) ledger.append(month.append(entry));
  return { heads: { month: month.finish(), ledger: ledger.finish() }, own, whole };
};

/** Months of these sizes, one after the other. */
function monthsBy(grow: Grow, sizes: readonly number[]): Grown[] {
  const made: Grown[] = [];
  let from: OpenTiles | undefined = emptyLog;
  let next = 0;
  for (const size of sizes) {
    const grown: Grown = grow(
      from ?? emptyLog,
      Array.from({ length: size }, () => entryAt(next++)),
    );
    const { ledger } = grown.heads;
    const files = new Map(grown.whole.map(({ path, bytes }) => [path, bytes]));
    from = openTiles(
      ledger,
      partialTiles(ledger.size).flatMap((tile) => files.get(tilePath(tile)) ?? []),
    );
    made.push(grown);
  }
  return made;
}

test.for([[[0, 1, 255]], [[257, 3, 300]], [[256, 0, 256]], [[100, 70_000, 5]]] as const)(
  "months of %j events have the same files, in the same order, whether they come at once or leaf by leaf",
  ([sizes]) => {
    const expected = monthsBy(leafByLeaf, sizes);
    for (const parts of [[1000], [1, 255, 256, 257, 600]]) {
      expect(monthsBy(atOnce(nodeMonthLogs, parts), sizes)).toEqual(expected);
    }
    if (sizes.some((size) => size > 1000)) return;
    expect(monthsBy(atOnce(monthLogs(treeHashing()), [7]), sizes)).toEqual(expected);
  },
);
