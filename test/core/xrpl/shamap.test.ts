import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { rootFromTreePath, type TreePath, treePath, treeRoot } from "../../../src/core/xrpl/shamap.ts";

const key = (start: string): Uint8Array => fromHex(start.padEnd(64, "0"));
const leaf = (start: string, fill: number) => ({ key: key(start), hash: new Uint8Array(32).fill(fill) });

describe("tree root", () => {
  it("is zeros for an empty tree, not a hash", () => {
    expect(toHex(treeRoot([]))).toBe("0".repeat(64));
  });

  it("does not depend on the order of the leaves", () => {
    const leaves = [leaf("a1", 1), leaf("a2", 2), leaf("b", 3)];
    expect(treeRoot(leaves.toReversed())).toEqual(treeRoot(leaves));
  });

  it("refuses two leaves with one key", () => {
    expect(() => treeRoot([leaf("a", 1), leaf("a", 2)])).toThrow(
      expect.objectContaining({ code: "XRPL_TREE_MALFORMED" }),
    );
  });
});

describe("tree path", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const trees = fc
    .uniqueArray(fc.record({ key: bytes32, hash: bytes32 }), {
      minLength: 1,
      maxLength: 40,
      selector: (leaf) => toHex(leaf.key),
    })
    .chain((leaves) => fc.tuple(fc.constant(leaves), fc.nat(leaves.length - 1)));

  it("leads every leaf to the root, and no other leaf hash", () => {
    fc.assert(
      fc.property(trees, ([leaves, at]) => {
        const { key, hash } = leaves[at]!;
        const path = treePath(leaves, key);
        expect(rootFromTreePath(path, key, hash)).toEqual(treeRoot(leaves));
        const other = hash.map((byte, place) => (place === 0 ? byte ^ 1 : byte));
        expect(() => rootFromTreePath(path, key, other)).toThrow(
          expect.objectContaining({ code: "XRPL_TREE_PATH_MISMATCH" }),
        );
      }),
    );
  });

  it("reaches another root when a sibling changes", () => {
    const leaves = [leaf("a1", 1), leaf("a2", 2), leaf("b", 3)];
    const path = treePath(leaves, key("a1")) as unknown[];
    const forged = path.with(11, "f".repeat(64));
    expect(rootFromTreePath(forged, key("a1"), leaf("a1", 1).hash)).not.toEqual(treeRoot(leaves));
  });

  it("goes as deep as the keys differ", () => {
    const twins = [
      { key: fromHex("ab".repeat(32)), hash: new Uint8Array(32).fill(1) },
      { key: fromHex(`${"ab".repeat(31)}ac`), hash: new Uint8Array(32).fill(2) },
    ];
    const path = treePath(twins, twins[0]!.key);
    expect(rootFromTreePath(path, twins[0]!.key, twins[0]!.hash)).toEqual(treeRoot(twins));
  });

  it("says so when the leaf is not in the tree", () => {
    expect(() => treePath([leaf("a", 1)], key("b"))).toThrow(
      expect.objectContaining({ code: "XRPL_TREE_LEAF_ABSENT" }),
    );
  });

  const zero = "0".repeat(64);
  let deep: TreePath = ["1".repeat(64)];
  for (let level = 0; level < 100_000; level++) deep = [deep];
  test.for<[string, unknown]>([
    ["no list", "x"],
    ["nothing", undefined],
    ["17 entries", Array.from({ length: 17 }, () => zero)],
    ["a hash that is none", ["0".repeat(63)]],
    ["a number", [7]],
    ["a list off the way", [zero, [zero]]],
    ["100 000 levels", deep],
  ])("refuses %s", ([, path]) => {
    expect(() => rootFromTreePath(path, key("0"), key("1"))).toThrow(
      expect.objectContaining({ code: "XRPL_TREE_PATH_MALFORMED" }),
    );
  });
});
