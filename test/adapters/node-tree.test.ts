import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nodeEntryTree } from "../../src/adapters/node-tree.ts";
import { toHex } from "../../src/core/bytes.ts";
import { entryTree } from "../../src/core/merkle.ts";
import { ownEntryAt } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

test.for([
  ["the core's", entryTree],
  ["OpenSSL's", nodeEntryTree],
] as const)("%s tree passes through every known root, and asking for one does not disturb it", ([, newTree]) => {
  const tree = newTree();
  for (const { size, root } of golden.roots.toSorted((a, b) => a.size - b.size)) {
    while (tree.size < size) tree.append(ownEntryAt(tree.size));
    expect.soft(toHex(tree.root()), `size ${size}`).toBe(root);
  }
});

test("both trees agree on entries of any length", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 40 }), (entries) => {
      const [ours, portable] = [nodeEntryTree(), entryTree()];
      for (const entry of entries) for (const tree of [ours, portable]) tree.append(entry);
      expect(ours.root()).toEqual(portable.root());
    }),
  );
});
