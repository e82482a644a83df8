import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { leafHash, rootOf } from "../../src/core/merkle.ts";
import {
  consistencyProof,
  inclusionPath,
  isSubtree,
  memoryTree,
  rootFromInclusion,
  rootOfSize,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
} from "../../src/core/merkle-proof.ts";
import { hasShared, sharedJson, sharedText } from "../support/shared.ts";
import { leavesOf, ownEntryAt, verdict } from "../support/trees.ts";
import golden from "../vectors/merkle.json" with { type: "json" };

type Hash = Uint8Array;

const refused = /^(INCLUSION_PROOF_MISMATCH|CONSISTENCY_PROOF_MISMATCH|HASH_MALFORMED|TREE_POSITION_INVALID)$/;
const leaves = leavesOf(130);
const tree = memoryTree(leaves);
const roots = Array.from({ length: 131 }, (_, size) => rootOf(leaves.slice(0, size)));
const headOf = (size: number): { size: number; root: Hash } => ({ size, root: roots[size] as Hash });

function flipped(hash: Hash, bit: number): Hash {
  return hash.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

/** Spoiled copies of a list of hashes: a bit flipped, one dropped, one too many, two swapped, one cut short. */
function* spoiled(path: readonly Hash[]): Generator<[string, Hash[]]> {
  for (const [at, hash] of path.entries()) {
    yield [`bit flipped in ${at}`, path.with(at, flipped(hash, (at * 37) % 256))];
    yield [`${at} dropped`, path.toSpliced(at, 1)];
    yield [`${at} doubled`, path.toSpliced(at, 0, hash)];
    yield [`${at} cut`, path.with(at, hash.subarray(0, 31))];
    if (at > 0) yield [`${at} swapped`, path.toSpliced(at - 1, 2, hash, path[at - 1] as Hash)];
  }
  yield ["one more", [...path, new Uint8Array(32)]];
}

test.for(golden.inclusion)("path of leaf $index of $size", ({ size, index, path }) => {
  const all = leavesOf(size, ownEntryAt);
  expect(inclusionPath(index, size, memoryTree(all)).map(toHex)).toEqual(path);
  verifyInclusion(leafHash(ownEntryAt(index)), { index, size, path: path.map(fromHex) }, rootOf(all));
});

test.for(golden.consistency)("consistency of $older and $newer leaves", ({ older, newer, proof }) => {
  const all = leavesOf(newer, ownEntryAt);
  expect(consistencyProof(older, newer, memoryTree(all)).map(toHex)).toEqual(proof);
  const heads = [older, newer].map((size) => ({ size, root: rootOf(all.slice(0, size)) })) as [never, never];
  verifyConsistency(...heads, proof.map(fromHex));
});

test("every leaf of every size from 1 to 70 proves, and no spoiled path does", () => {
  for (let size = 1; size <= 70; size++) {
    const { root } = headOf(size);
    for (let index = 0; index < size; index++) {
      const leaf = leaves[index] as Hash;
      const path = inclusionPath(index, size, tree);
      verifyInclusion(leaf, { index, size, path }, root);
      for (const [how, bad] of spoiled(path)) {
        expect
          .soft(
            verdict(() => verifyInclusion(leaf, { index, size, path: bad }, root)),
            `${index}/${size} ${how}`,
          )
          .toMatch(refused);
      }
      const others = [
        () => verifyInclusion(flipped(leaf, 9), { index, size, path }, root),
        () => verifyInclusion(leaf, { index, size, path }, flipped(root, 200)),
        () => verifyInclusion(leaf, { index: (index + 1) % (size + 1), size, path }, root),
        () => verifyInclusion(leaf, { index: size, size, path }, root),
      ];
      for (const other of others) expect.soft(verdict(other), `${index}/${size}`).toMatch(refused);
    }
  }
});

test("every size from 0 to 70 begins every later one, and no spoiled proof says so", () => {
  for (let newer = 0; newer <= 70; newer++) {
    for (let older = 0; older <= newer; older++) {
      const proof = consistencyProof(older, newer, tree);
      verifyConsistency(headOf(older), headOf(newer), proof);
      for (const [how, bad] of spoiled(proof)) {
        expect
          .soft(
            verdict(() => verifyConsistency(headOf(older), headOf(newer), bad)),
            `${older}..${newer} ${how}`,
          )
          .toMatch(refused);
      }
      const others = [
        () => verifyConsistency({ size: older, root: flipped(headOf(older).root, 3) }, headOf(newer), proof),
        () => verifyConsistency(headOf(older), { size: newer, root: flipped(headOf(newer).root, 3) }, proof),
        () => verifyConsistency(headOf(newer), headOf(older), proof),
      ];
      // The root of a larger tree is nobody's business when nothing is claimed of the smaller one.
      const judged = older === 0 ? others.slice(0, 1) : others.slice(0, older === newer ? 2 : 3);
      for (const other of judged) expect.soft(verdict(other), `${older}..${newer}`).toMatch(refused);
    }
  }
});

test("a range that is no subtree is refused, and one leaf is a subtree proven by its path", () => {
  const size = 33;
  for (let start = 0; start < size; start++) {
    verifySubtreeConsistency(
      { start, end: start + 1, root: leaves[start] as Hash },
      headOf(size),
      inclusionPath(start, size, tree),
    );
    for (let end = 0; end <= size + 1; end++) {
      const part = { start, end, root: rootOf(leaves.slice(start, end)) };
      const none = isSubtree(start, end) && end <= size ? [] : [() => verifySubtreeConsistency(part, headOf(size), [])];
      for (const attempt of none) expect.soft(verdict(attempt), `${start}..${end}`).toBe("CONSISTENCY_PROOF_MISMATCH");
    }
  }
});

test("a power of two omits the older root, and adding it is refused", () => {
  const proof = consistencyProof(64, 100, tree);
  verifyConsistency(headOf(64), headOf(100), proof);
  expect(verdict(() => verifyConsistency(headOf(64), headOf(100), [headOf(64).root, ...proof]))).toBe(
    "CONSISTENCY_PROOF_MISMATCH",
  );
});

test("one root does not stand for two sizes", () => {
  for (const [older, newer] of [
    [4, 8],
    [3, 7],
    [1, 2],
  ] as const) {
    const head = headOf(newer);
    expect(verdict(() => verifyConsistency({ ...head, size: older }, head, []))).toBe("CONSISTENCY_PROOF_MISMATCH");
    expect(() => verifyConsistency(head, { ...head, size: older }, [])).toThrow("is above the newer size");
  }
  const part = { start: 32, end: 34, root: headOf(33).root };
  expect(() => verifySubtreeConsistency(part, headOf(33), [])).toThrow("no subtree of 33 leaves");
});

test("an inner node is no leaf at another size", () => {
  // The root over 4 leaves is also the root over its two children taken as leaf hashes: only the size tells.
  const children = [rootOf(leaves.slice(0, 2)), rootOf(leaves.slice(2, 4))] as [Hash, Hash];
  expect(rootFromInclusion(children[0], 0, 2, [children[1]])).toEqual(headOf(4).root);
  expect(verdict(() => verifyInclusion(children[0], { index: 0, size: 4, path: [children[1]] }, headOf(4).root))).toBe(
    "INCLUSION_PROOF_MISMATCH",
  );
});

const badNumbers = [-1, 0.5, Number.NaN, Infinity, 2 ** 53, 2 ** 64 - 1, "1" as unknown as number];

test.for(badNumbers)("the number %s is no position", (bad) => {
  const leaf = leaves[0] as Hash;
  const attempts = [
    () => rootFromInclusion(leaf, bad, 4, []),
    () => rootFromInclusion(leaf, 0, bad, []),
    () => inclusionPath(bad, 4, tree),
    () => inclusionPath(0, bad, tree),
    () => consistencyProof(bad, 4, tree),
    () => consistencyProof(1, bad, tree),
    () => rootOfSize(bad, tree),
    () => verifyConsistency({ size: bad, root: leaf }, headOf(4), []),
    () => verifyConsistency(headOf(1), { size: bad, root: leaf }, []),
  ];
  for (const attempt of attempts) expect(verdict(attempt)).toBe("TREE_POSITION_INVALID");
});

test("what is not in the tree cannot be proven from it", () => {
  expect(verdict(() => inclusionPath(4, 4, tree))).toBe("TREE_POSITION_INVALID");
  expect(verdict(() => inclusionPath(0, 0, tree))).toBe("TREE_POSITION_INVALID");
  expect(verdict(() => consistencyProof(5, 4, tree))).toBe("TREE_POSITION_INVALID");
  expect(verdict(() => inclusionPath(0, 131, tree))).toBe("TREE_POSITION_INVALID");
  expect(rootOfSize(0, tree)).toEqual(headOf(0).root);
  expect(rootOfSize(129, tree)).toEqual(headOf(129).root);
});

test("a proof for any position up to 2^53-1 ends, and its length is that of the way up", () => {
  const size = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const zeros = (): Hash => new Uint8Array(32);
  fc.assert(
    fc.property(size, size, (a, b) => {
      const [older, newer] = [Math.min(a, b), Math.max(a, b)];
      const path = inclusionPath(older - 1, newer, zeros);
      const root = rootFromInclusion(zeros(), older - 1, newer, path);
      expect(root).toHaveLength(32);
      expect(path.length).toBeLessThanOrEqual(53);
      expect(consistencyProof(older, newer, zeros).length).toBeLessThanOrEqual(54);
    }),
  );
});

/** The two numbers beyond every double are read as text by this, and refused as positions. */
function tdevCases<T>(name: string): T[] {
  if (!hasShared) return [];
  const text = sharedText(`vectors/merkle/${name}.json`).replaceAll(/: (\d{17,})/g, ': "$1"');
  return (JSON.parse(text) as { cases: T[] }).cases;
}

interface Case {
  readonly id: string;
  readonly proof: readonly string[] | null;
}

interface TlogCase extends Case {
  readonly type?: string;
  readonly valid: boolean;
  readonly index: number;
  readonly size: number;
  readonly leaf: string;
  readonly leafHash: string;
  readonly root: string;
  readonly old: number;
  readonly oldRoot: string;
  readonly new: number;
  readonly newRoot: string;
}

interface TdevCase extends Case {
  readonly wantErr: boolean;
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly leafHash: string;
  readonly root: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

const bytes = (base64: string): Hash => Uint8Array.from(Buffer.from(base64, "base64"));
const pathOf = ({ proof }: Case): Hash[] => (proof ?? []).map(bytes);

describe.skipIf(!hasShared)("published vectors", () => {
  test.for(["tlog-inclusion", "tlog-consistency", "tlog-hostile", "tlog-big"])("%s", (name) => {
    const { cases } = sharedJson<{ cases: TlogCase[] }>(`vectors/merkle/${name}.json`) ?? { cases: [] };
    expect(cases.length).toBeGreaterThan(10);
    for (const item of cases) {
      const proof = (item.proof ?? []).map(fromHex);
      const judge = (): void =>
        item.leafHash === undefined
          ? verifyConsistency(
              { size: item.old, root: fromHex(item.oldRoot) },
              { size: item.new, root: fromHex(item.newRoot) },
              proof,
            )
          : verifyInclusion(
              fromHex(item.leafHash),
              { index: item.index, size: item.size, path: proof },
              fromHex(item.root),
            );
      expect.soft(verdict(judge), item.id).toMatch(item.valid ? /^ok$/ : refused);
      const hashed = item.leaf === undefined ? item.leafHash : toHex(leafHash(fromHex(item.leaf)));
      expect.soft(hashed, item.id).toBe(item.leafHash);
    }
  });

  test("our proofs are the published ones", () => {
    const all = leavesOf(70_000);
    const nodes = memoryTree(all);
    const inclusion = sharedJson<{ cases: TlogCase[] }>("vectors/merkle/tlog-inclusion.json")?.cases ?? [];
    const consistency = sharedJson<{ cases: TlogCase[] }>("vectors/merkle/tlog-consistency.json")?.cases ?? [];
    for (const { id, index, size, proof } of inclusion.filter(({ size }) => size <= all.length)) {
      expect.soft(inclusionPath(index, size, nodes).map(toHex), id).toEqual(proof);
    }
    for (const item of consistency.filter((each) => each.new <= all.length)) {
      expect.soft(consistencyProof(item.old, item.new, nodes).map(toHex), item.id).toEqual(item.proof);
    }
  });

  test.for(tdevCases<TdevCase>("tdev-inclusion"))("$id", (item) => {
    const { leafIdx: index, treeSize: size } = item;
    const judge = (): void =>
      verifyInclusion(bytes(item.leafHash), { index, size, path: pathOf(item) }, bytes(item.root));
    expect(verdict(judge)).toMatch(item.wantErr ? refused : /^ok$/);
  });

  test.for(tdevCases<TdevCase>("tdev-consistency"))("$id", (item) => {
    const heads = [
      { size: item.size1, root: bytes(item.root1) },
      { size: item.size2, root: bytes(item.root2) },
    ] as const;
    expect(verdict(() => verifyConsistency(...heads, pathOf(item)))).toMatch(item.wantErr ? refused : /^ok$/);
  });

  test.for(tdevCases<TdevCase>("tdev-subtreeinclusion"))("$id", (item) => {
    // The path within a subtree is the path in a tree of its own.
    const { start, end, leafIdx } = item;
    const index = typeof leafIdx === "number" ? leafIdx - start : leafIdx;
    const judge = (): void =>
      verifyInclusion(bytes(item.leafHash), { index, size: end - start, path: pathOf(item) }, bytes(item.root));
    expect(isSubtree(start, end) ? verdict(judge) : "INCLUSION_PROOF_MISMATCH").toMatch(
      item.wantErr ? refused : /^ok$/,
    );
  });

  test.for(tdevCases<TdevCase>("tdev-subtreeconsistency"))("$id", (item) => {
    const part = { start: item.start, end: item.end, root: bytes(item.root1) };
    const judge = (): void =>
      verifySubtreeConsistency(part, { size: item.size, root: bytes(item.root2) }, pathOf(item));
    expect(verdict(judge)).toMatch(item.wantErr ? refused : /^ok$/);
  });
});
