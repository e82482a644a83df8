import { createHash } from "node:crypto";
import { MerkleTree } from "merkletreejs";
import { describe, expect, test } from "vitest";
import { fromBase64, fromHex, toHex } from "../../src/core/bytes.ts";
import { rootOf } from "../../src/core/merkle.ts";
import { consistencyProof, inclusionPath, memoryTree, rootFromInclusion } from "../../src/core/merkle-proof.ts";
import {
  merkletreejsProof,
  type MerkletreejsStep,
  positionalHexProof,
  type PositionalStep,
  rekorProof,
  rfc6962Consistency,
  rfc6962Proof,
} from "../../src/core/proof-spellings.ts";
import { hasShared, sharedJson } from "../support/shared.ts";
import { leavesOf, verdict } from "../support/trees.ts";

const leaves = leavesOf(70);
const tree = memoryTree(leaves);
const proofOf = (index: number, size: number) => ({ index, size, path: inclusionPath(index, size, tree) });

test("the spellings of RFC 6962 and Rekor lead to the same root", () => {
  const proof = proofOf(41, 70);
  const leaf = leaves[41] as Uint8Array;
  const root = rootOf(leaves);
  const rfc = JSON.parse(JSON.stringify(rfc6962Proof(leaf, proof))) as ReturnType<typeof rfc6962Proof>;
  expect(Object.keys(rfc)).toEqual(["leaf_index", "tree_size", "audit_path", "root_hash"]);
  expect(rootFromInclusion(leaf, rfc.leaf_index, rfc.tree_size, rfc.audit_path.map(fromBase64))).toEqual(root);
  expect(fromBase64(rfc.root_hash)).toEqual(root);
  const rekor = JSON.parse(JSON.stringify(rekorProof(leaf, proof, "a note"))) as ReturnType<typeof rekorProof>;
  expect(Object.keys(rekor)).toEqual(["logIndex", "treeSize", "rootHash", "hashes", "checkpoint"]);
  expect(rootFromInclusion(leaf, rekor.logIndex, rekor.treeSize, rekor.hashes.map(fromHex))).toEqual(root);
  expect([fromHex(rekor.rootHash), rekor.checkpoint]).toEqual([root, "a note"]);
  const consistency = consistencyProof(33, 70, tree);
  expect(rfc6962Consistency(consistency).consistency.map(fromBase64)).toEqual(consistency);
});

test("a path that cannot fit is not spelled at all", () => {
  const proof = { ...proofOf(41, 70), size: 64 };
  const leaf = leaves[41] as Uint8Array;
  for (const spell of [
    () => rfc6962Proof(leaf, proof),
    () => rekorProof(leaf, proof, ""),
    () => merkletreejsProof(proof),
    () => positionalHexProof(proof),
  ]) {
    expect(verdict(spell)).toBe("INCLUSION_PROOF_MISMATCH");
  }
});

const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();
const concatenator = (pair: Buffer[]): Buffer => Buffer.concat([Buffer.of(1), ...pair]);

test("merkletreejs makes the same proofs and verifies ours, for every leaf of every size from 2 to 40", () => {
  for (let size = 2; size <= 40; size++) {
    const buffers = leaves.slice(0, size).map((leaf) => Buffer.from(leaf));
    const theirs = new MerkleTree(buffers, sha256, { concatenator });
    const root = theirs.getRoot();
    for (const [index, leaf] of buffers.entries()) {
      const proof = proofOf(index, size);
      const steps = merkletreejsProof(proof);
      const given = theirs
        .getProof(leaf, index)
        .map(({ position, data }) => ({ position, data: data.toString("hex") }));
      expect(steps).toEqual(given);
      const buffered = steps.map(({ position, data }) => ({ position, data: Buffer.from(data, "hex") }));
      expect(MerkleTree.verify(buffered, leaf, root, sha256, { concatenator })).toBe(true);
      expect(positionalHexProof(proof)).toEqual(theirs.getPositionalHexProof(leaf, index));
    }
  }
});

interface MerkletreejsCase {
  readonly id: string;
  readonly size: number;
  readonly index: number;
  readonly leafHash: string;
  readonly root: string;
  readonly proof: readonly MerkletreejsStep[];
  readonly positionalHex: readonly PositionalStep[];
}

describe.skipIf(!hasShared)("published merkletreejs proofs", () => {
  const { cases } = sharedJson<{ cases: MerkletreejsCase[] }>("vectors/merkle/merkletreejs-proofs.json") ?? {
    cases: [],
  };

  test.for(cases)("$id", ({ size, index, leafHash, root, proof, positionalHex }) => {
    const path = proof.map(({ data }) => fromHex(data));
    expect(toHex(rootFromInclusion(fromHex(leafHash), index, size, path))).toBe(root);
    expect(merkletreejsProof({ index, size, path })).toEqual(proof);
    expect(positionalHexProof({ index, size, path })).toEqual(positionalHex);
  });
});
