import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nodeMonthLogs, nodeTreeHashing } from "../../src/adapters/node-tree.ts";
import { toHex } from "../../src/core/bytes.ts";
import { type NodeHashing, nodeHashing, treeBuilder } from "../../src/core/merkle.ts";
import { monthLogs, type NewMonthLogs } from "../../src/core/month-logs.ts";
import { partialTiles, type TileFile, tilePath } from "../../src/core/tiles.ts";
import { openTiles, type OpenTiles } from "../../src/core/tile-builder.ts";
import { entryAt, ownEntryAt, verdict } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

/** A tree that is given its entries. */
function entryTree<T>(hashing: NodeHashing<T>): { append(entry: Uint8Array): void; root(): Uint8Array } {
  const tree = treeBuilder(hashing);
  return { append: (entry) => tree.append(hashing.leaf(entry)), root: () => tree.root() };
}

const portableTree = (): ReturnType<typeof entryTree> => entryTree(nodeHashing());
const opensslTree = (): ReturnType<typeof entryTree> => entryTree(nodeTreeHashing);

test.for([
  ["the core's", portableTree],
  ["OpenSSL's", opensslTree],
] as const)("%s tree passes through every known root, and asking for one does not disturb it", ([, newTree]) => {
  const tree = newTree();
  let filled = 0;
  for (const { size, root } of golden.roots.toSorted((a, b) => a.size - b.size)) {
    while (filled < size) tree.append(ownEntryAt(filled++));
    expect.soft(toHex(tree.root()), `size ${size}`).toBe(root);
  }
});

test("both trees agree on entries of any length", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 40 }), (entries) => {
      const [ours, portable] = [opensslTree(), portableTree()];
      for (const entry of entries) for (const tree of [ours, portable]) tree.append(entry);
      expect(ours.root()).toEqual(portable.root());
    }),
  );
});

test("a hash becomes bytes and a text again, whatever its bytes are, and nothing else does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(nodeTreeHashing.toBytes(nodeTreeHashing.fromBytes(bytes))).toEqual(bytes);
    }),
  );
  expect(verdict(() => nodeTreeHashing.fromBytes(new Uint8Array(31)))).toBe("HASH_MALFORMED");
});

/** All files and heads of months of these sizes, one after the other. */
function logsOf(newLogs: NewMonthLogs, sizes: readonly number[]): unknown[] {
  const made: unknown[] = [];
  let start: OpenTiles | undefined = { size: 0, levels: [] };
  let next = 0;
  for (const size of sizes) {
    const [own, whole] = [new Map<string, TileFile>(), new Map<string, TileFile>()];
    const logs = newLogs(start ?? { size: 0, levels: [] }, {
      onTile: (tile) => own.set(tile.path, tile),
      onLedgerTile: (tile) => whole.set(tile.path, tile),
    });
    for (let at = 0; at < size; at++) logs.append(entryAt(next++));
    const heads = logs.finish();
    const partial = partialTiles(heads.ledger.size).map((tile) => tilePath(tile));
    start = openTiles(
      heads.ledger,
      partial.flatMap((path) => whole.get(path)?.bytes ?? []),
    );
    made.push(heads, own, whole);
  }
  return made;
}

test.for([[[0, 1, 255]], [[257, 3, 300]], [[256, 0, 256]], [[70_000, 5]]] as const)(
  "OpenSSL writes the logs of months of %j events as the core does",
  ([sizes]) => {
    expect(logsOf(nodeMonthLogs, sizes)).toEqual(logsOf(monthLogs(nodeHashing()), sizes));
  },
);
