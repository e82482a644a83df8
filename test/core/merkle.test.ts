import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { toHex } from "../../src/core/bytes.ts";
import { emptyRoot, leafHash, nodeHash, rootOf, treeAccumulator } from "../../src/core/merkle.ts";
import { sharedJson, hasShared } from "../support/shared.ts";
import { entryAt, leavesOf, ownEntryAt, recursiveRoot, verdict } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

test.for(golden.roots)("root of $size leaves", ({ size, root }) => {
  expect(toHex(rootOf(leavesOf(size, ownEntryAt)))).toBe(root);
});

describe.skipIf(!hasShared)("published roots", () => {
  const vectors = sharedJson<{ cases: { size: number; root: string }[] }>("vectors/merkle/tlog-roots.json");
  const cases = (vectors?.cases ?? []).toSorted((a, b) => a.size - b.size);

  test("one accumulator passes through all of them, and asking for a root does not disturb it", () => {
    // The portable hash of three million blocks takes most of a minute.
    const tree = treeAccumulator(nodeSha256);
    for (const { size, root } of cases) {
      while (tree.size < size) tree.append(leafHash(entryAt(tree.size), nodeSha256));
      expect.soft(toHex(tree.root()), `size ${size}`).toBe(root);
    }
    expect(tree.size).toBe(1_000_000);
  });
});

test("the accumulator and the recursive definition agree on any leaves", () => {
  const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(fc.array(leaf, { maxLength: 300, size: "max" }), (leaves) => {
      expect(rootOf(leaves)).toEqual(recursiveRoot(leaves));
    }),
    { numRuns: 50 },
  );
});

test("every complete subtree is told once, children first", () => {
  const leaves = leavesOf(37);
  const seen = new Map<string, Uint8Array>();
  const tree = treeAccumulator(undefined, (level, index, hash) => {
    expect(seen.has(`${level}/${index}`)).toBe(false);
    const children = [seen.get(`${level - 1}/${2 * index}`), seen.get(`${level - 1}/${2 * index + 1}`)];
    expect(level === 0 || children.every(Boolean)).toBe(true);
    seen.set(`${level}/${index}`, hash);
  });
  for (const leaf of leaves) tree.append(leaf);
  expect(seen.size).toBe(37 + 18 + 9 + 4 + 2 + 1);
  for (const [name, hash] of seen) {
    const [level = 0, index = 0] = name.split("/").map(Number);
    expect(hash).toEqual(recursiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)));
  }
});

test("a leaf, a node and nothing hash apart", () => {
  const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
  const both = new Uint8Array([...a, ...b]);
  expect(toHex(leafHash(both))).not.toBe(toHex(nodeHash(a, b)));
  expect(toHex(nodeHash(a, b))).not.toBe(toHex(nodeHash(b, a)));
  expect(toHex(leafHash(new Uint8Array()))).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  expect(toHex(emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("a hash once given out is not changed by later ones", () => {
  const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
  const before = toHex(a);
  const node = nodeHash(a, b);
  const nodeBefore = toHex(node);
  nodeHash(b, a);
  leafHash(b);
  expect([toHex(a), toHex(node)]).toEqual([before, nodeBefore]);
});

test.for([0, 31, 33, 64])("a hash of %i bytes is refused", (length) => {
  const short = new Uint8Array(length);
  const [leaf] = leavesOf(1) as [Uint8Array];
  expect(verdict(() => rootOf([leaf, short]))).toBe("HASH_MALFORMED");
  expect(verdict(() => nodeHash(short, leaf))).toBe("HASH_MALFORMED");
  expect(verdict(() => nodeHash(leaf, short))).toBe("HASH_MALFORMED");
});
