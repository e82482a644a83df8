import { expect, test } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import { merkleV1Root } from "../../src/core/merkle-v1.ts";
import { rootOf } from "../../src/core/merkle.ts";
import { ownEntryAt, verdict } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

const entriesOf = (size: number): Uint8Array[] => Array.from({ length: size }, (_, index) => ownEntryAt(index));

test.for(golden.rootsV1)("root of $size leaves", ({ size, root }) => {
  expect(toHex(merkleV1Root(entriesOf(size)))).toBe(root);
});

test("a lone node is paired with itself, which is why this tree is not written any more", () => {
  const [a, b, c] = entriesOf(3) as [Uint8Array, Uint8Array, Uint8Array];
  expect(merkleV1Root([a, b, c])).toEqual(merkleV1Root([a, b, c, c]));
  expect(rootOf([a, b, c])).not.toEqual(rootOf([a, b, c, c]));
});

test("without leaves there is no root, and a leaf is 32 bytes", () => {
  expect(verdict(() => merkleV1Root([]))).toBe("TREE_EMPTY");
  expect(verdict(() => merkleV1Root([new Uint8Array(31)]))).toBe("HASH_MALFORMED");
});
