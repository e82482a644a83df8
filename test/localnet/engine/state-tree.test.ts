import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromHex } from "../../../src/core/bytes.ts";
import { stateLeaf, treeRoot } from "../../../src/core/xrpl/shamap.ts";
import { emptyTree, type StateTree } from "../../../src/localnet/engine/state-tree.ts";

// Few different nibbles, so that keys share long prefixes.
const key = fc
  .array(fc.constantFrom("0", "1", "F"), { minLength: 4, maxLength: 4 })
  .map((nibbles) => nibbles.join("").repeat(16));
const step = fc.record({ key, data: fc.option(fc.uint8Array({ minLength: 1, maxLength: 4 }), { nil: undefined }) });

function rootOf(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return treeRoot(Array.from(entries, ([key, data]) => ({ key: fromHex(key), hash: stateLeaf(data, fromHex(key)) })));
}

describe("state tree", () => {
  it("has the root, the entries and the order of a tree built at once, after any changes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let tree: StateTree = emptyTree;
        const entries = new Map<string, Uint8Array>();
        for (const { key, data } of steps) {
          tree = tree.with(key, data);
          if (data) entries.set(key, data);
          else entries.delete(key);
          expect(tree.rootHash()).toEqual(rootOf(entries));
        }
        expect([...tree.entries()]).toEqual([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
        for (const [key, data] of entries) expect(tree.get(key)).toEqual(data);
      }),
    );
  });

  it("leaves the tree it came from alone", () => {
    const before = emptyTree.with("A".repeat(64), Uint8Array.of(1));
    const root = before.rootHash();
    before.with("A".repeat(64), Uint8Array.of(2)).with("B".repeat(64), Uint8Array.of(3));
    expect(before.get("A".repeat(64))).toEqual(Uint8Array.of(1));
    expect(before.rootHash()).toEqual(root);
    expect(before.get("B".repeat(64))).toBeUndefined();
  });
});
