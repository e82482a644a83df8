import { describe, expect, test } from "vitest";
import { toHex, utf8 } from "../../src/core/bytes.ts";
import { sha256 } from "../../src/core/hash.ts";
import { leafHash } from "../../src/core/merkle.ts";
import { inclusionPath, memoryTree, pathSides } from "../../src/core/merkle-proof.ts";
import { rootOf } from "../../src/core/merkle.ts";
import { treePicture, type TreePicture } from "../../src/web/facts.ts";
import { treeLayout } from "../../src/web/tree-layout.ts";
import { voteLayout } from "../../src/web/vote-layout.ts";

function fingerprint(text: string): Uint8Array {
  return leafHash(sha256(utf8(text)));
}

/** The leftmost leaf of a tree so large that its way takes `steps` fingerprints. */
function deepPicture(steps: number): TreePicture | null {
  const path = Array.from({ length: steps }, (_, at) => fingerprint(`sibling ${at}`));
  return treePicture(fingerprint("leaf"), { index: 0, size: 2 ** steps, path }, "00".repeat(32));
}

describe("the way of an event", () => {
  const sizes = [1, 2, 3, 7, 8, 22];

  test.each(sizes.flatMap((size) => Array.from({ length: size }, (_, index) => [index, size] as const)))(
    "leaf %i of %i is drawn up to the root",
    (index, size) => {
      const leaves = Array.from({ length: size }, (_, at) => fingerprint(`event ${at}`));
      const path = inclusionPath(index, size, memoryTree(leaves));
      const root = toHex(rootOf(leaves));
      const picture = treePicture(leaves[index] as Uint8Array, { index, size, path }, root);
      expect(picture).toMatchObject({ isWhole: true, steps: path.map((hash) => ({ sibling: toHex(hash) })) });
      expect(picture?.steps.map(({ side }) => side)).toEqual(pathSides(index, size));
      expect(picture?.steps.at(-1)?.hash ?? picture?.leaf).toBe(root);
      const wrong = treePicture(leaves[index] as Uint8Array, { index, size, path }, "00".repeat(32));
      expect(wrong?.isWhole).toBe(false);
    },
  );

  test.for([
    { index: 1, size: 1, length: 0 },
    { index: 0, size: 0, length: 0 },
    { index: 0, size: 4, length: 1 },
    { index: 0, size: 4, length: 3 },
  ])("leaf $index of $size with $length fingerprints has no picture", ({ index, size, length }) => {
    const path = Array.from({ length }, () => fingerprint("x"));
    expect(treePicture(fingerprint("leaf"), { index, size, path }, "00".repeat(32))).toBeNull();
  });

  test.each(Array.from({ length: 41 }, (_, steps) => steps))(
    "a way of %i steps fits its picture, and no box lies on another",
    (steps) => {
      const picture = deepPicture(steps);
      if (!picture) throw new RangeError(String(steps));
      const { width, height, box, hashes, lines } = treeLayout(picture);
      expect(hashes).toHaveLength(2 * steps + 1);
      expect(lines).toHaveLength(2 * steps);
      for (const [at, { x, y }] of hashes.entries()) {
        expect(x - box.width / 2).toBeGreaterThanOrEqual(0);
        expect(x + box.width / 2).toBeLessThanOrEqual(width);
        expect(y - box.height / 2).toBeGreaterThanOrEqual(0);
        expect(y + box.height / 2).toBeLessThanOrEqual(height);
        const covered = hashes
          .slice(at + 1)
          .filter((other) => Math.abs(other.x - x) < box.width && Math.abs(other.y - y) < box.height);
        expect(covered).toEqual([]);
      }
    },
  );
});

describe("the votes", () => {
  test.for([
    { votes: 1, quorum: 1, validators: 1 },
    { votes: 5, quorum: 5, validators: 6 },
    { votes: 27, quorum: 28, validators: 35 },
    { votes: 20, quorum: 16, validators: 20 },
    { votes: 0, quorum: 20, validators: 25 },
    { votes: 256, quorum: 205, validators: 256 },
  ])("$votes of $validators, $quorum needed", (count) => {
    const { width, height, radius, dots, line } = voteLayout(count);
    expect(dots).toHaveLength(count.validators);
    expect(dots.filter(({ isVote }) => isVote)).toHaveLength(count.votes);
    for (const { x, y } of dots) {
      expect(x - radius).toBeGreaterThan(0);
      expect(x + radius).toBeLessThanOrEqual(width);
      expect(y + radius).toBeLessThan(height);
    }
    const before = dots.filter(({ x, y }) => y < line.y1 || (y < line.y2 && x < line.x));
    expect(before).toHaveLength(count.quorum);
    expect(line.x).toBeLessThanOrEqual(width);
  });
});
