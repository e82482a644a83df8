import { equalBytes, toHex } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { type Hash, type Sha256, sha256 } from "./hash.ts";
import { emptyRoot, nodeHash, requireHash, treeAccumulator } from "./merkle.ts";

/** Proof that a leaf stands at `index` among `size` leaves. `path` holds the sibling hashes, leaf side first. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly path: readonly Hash[];
}

/** A tree of `size` leaves, by its root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** Which side of the running hash a sibling is joined on. */
export type Side = "left" | "right";

/** @throws SettlementError `TREE_POSITION_INVALID` unless every number is an integer from 0 to 2^53-1 */
export function requirePositions(positions: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(positions)) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new SettlementError("TREE_POSITION_INVALID", `${name} must be an integer from 0 to 2^53-1, not ${value}`);
  }
}

function inclusionFails(why: string): SettlementError {
  return new SettlementError("INCLUSION_PROOF_MISMATCH", `the inclusion proof does not hold: ${why}`);
}

function consistencyFails(why: string): SettlementError {
  return new SettlementError("CONSISTENCY_PROOF_MISMATCH", `the consistency proof does not hold: ${why}`);
}

/** Half, rounded down. Shifts would cut positions to 32 bits. */
function half(position: number): number {
  return Math.floor(position / 2);
}

/** Largest power of two below `count`, where RFC 9162 §2.1.1 splits that many leaves; `count > 1`. */
function split(count: number): number {
  let left = 1;
  while (left * 2 < count) left *= 2;
  return left;
}

/**
 * Sides of the siblings of leaf `index` among `size`, leaf side first: one for each hash of its inclusion path.
 * Where the last node of a level has no sibling it is carried up, and the path holds nothing for that level.
 */
export function pathSides(index: number, size: number): Side[] {
  const sides: Side[] = [];
  for (let node = index, last = size - 1; last > 0; node = half(node), last = half(last)) {
    if (node % 2 === 1) sides.push("left");
    else if (node < last) sides.push("right");
  }
  return sides;
}

/**
 * Root implied by an inclusion proof, RFC 9162 §2.1.3.2. The caller compares it with a root it trusts, and takes
 * `size` from where that root comes from: a proof alone does not bind the size.
 *
 * @param leaf - leaf hash, computed from the entry by the caller: never a hash that came with the proof
 * @param index - zero-based position of the leaf, `0 <= index < size`
 * @param size - number of leaves under the root, at most 2^53-1
 * @param path - sibling hashes, leaf side first
 * @throws SettlementError `INCLUSION_PROOF_MISMATCH` when `path` cannot fit `index` and `size`,
 * `TREE_POSITION_INVALID`, `HASH_MALFORMED`
 */
export function rootFromInclusion(
  leaf: Hash,
  index: number,
  size: number,
  path: readonly Hash[],
  hash: Sha256 = sha256,
): Hash {
  requirePositions({ index, size });
  if (index >= size) throw inclusionFails(`index ${index} is not below the tree size ${size}`);
  const sides = pathSides(index, size);
  if (path.length !== sides.length)
    throw inclusionFails(`leaf ${index} of ${size} takes ${sides.length} hashes, not ${path.length}`);
  let node = requireHash(leaf, "the leaf hash");
  for (const [at, sibling] of path.entries()) {
    requireHash(sibling, `path hash ${at}`);
    node = sides[at] === "left" ? nodeHash(sibling, node, hash) : nodeHash(node, sibling, hash);
  }
  return node;
}

/**
 * Returns when `leaf`, a leaf hash, is where `proof` says in the tree with `root`.
 *
 * @throws SettlementError as {@link rootFromInclusion}, and `INCLUSION_PROOF_MISMATCH` for another root
 */
export function verifyInclusion(leaf: Hash, proof: InclusionProof, root: Hash, hash: Sha256 = sha256): void {
  requireHash(root, "the root");
  const implied = rootFromInclusion(leaf, proof.index, proof.size, proof.path, hash);
  if (!equalBytes(implied, root)) {
    throw inclusionFails(
      `leaf ${proof.index} of ${proof.size} leads to the root ${toHex(implied)}, not ${toHex(root)}`,
    );
  }
}

/**
 * Returns when the tree `newer` begins with all the leaves of `older`, RFC 9162 §2.1.4.2. Both roots are checked.
 * Every tree begins with the empty one, whose root is checked too; a tree is consistent with itself by an empty proof.
 *
 * @throws SettlementError `CONSISTENCY_PROOF_MISMATCH`, `TREE_POSITION_INVALID`, `HASH_MALFORMED`
 */
export function verifyConsistency(
  older: TreeHead,
  newer: TreeHead,
  proof: readonly Hash[],
  hash: Sha256 = sha256,
): void {
  requirePositions({ "the older size": older.size, "the newer size": newer.size });
  requireHash(older.root, "the older root");
  requireHash(newer.root, "the newer root");
  if (older.size > newer.size)
    throw consistencyFails(`the older size ${older.size} is above the newer size ${newer.size}`);
  for (const head of [older, newer]) {
    if (head.size === 0 && !equalBytes(head.root, emptyRoot(hash)))
      throw consistencyFails("the root of an empty tree is SHA-256 of nothing");
  }
  if (older.size === 0) {
    if (proof.length !== 0) throw consistencyFails("nothing is to be proven from the empty tree, and there are hashes");
    return;
  }
  verifySubtreeConsistency({ start: 0, end: older.size, root: older.root }, newer, proof, hash);
}

/** Leaves `start` to `end`, without `end`, of a larger tree, and the root of the tree they make alone. */
export interface Subtree {
  readonly start: number;
  readonly end: number;
  readonly root: Hash;
}

/** May leaves `start` to `end` be a subtree: does it begin at a multiple of the power of two that holds its length? */
export function isSubtree(start: number, end: number): boolean {
  let width = 1;
  while (width < end - start) width *= 2;
  return start < end && start % width === 0;
}

/** How a proof hash is joined to the running roots: beside the whole tree's alone, or left of the part's too. */
type Joint = Side | "left-of-both";

/** Joints of the way from a subtree up to the root of `size` leaves. */
function subtreeJoints(part: Subtree, size: number): Joint[] {
  const joints: Joint[] = [];
  let [start, from, to] = [part.start, 0, size];
  while (start !== from || part.end !== to) {
    const middle = from + split(to - from);
    if (part.end <= middle) {
      joints.push("right");
      to = middle;
    } else {
      joints.push(start < middle ? "left-of-both" : "left");
      start = Math.max(start, middle);
      from = middle;
    }
  }
  return joints.toReversed();
}

/**
 * Returns when the tree `whole` holds the leaves of `part` where `part` says: RFC 9162 §2.1.4.2, widened to subtrees as
 * in draft-ietf-plants-merkle-tree-certs, of which a consistency proof is the case `start = 0`.
 *
 * @throws SettlementError `CONSISTENCY_PROOF_MISMATCH`, `TREE_POSITION_INVALID`, `HASH_MALFORMED`
 */
export function verifySubtreeConsistency(
  part: Subtree,
  whole: TreeHead,
  proof: readonly Hash[],
  hash: Sha256 = sha256,
): void {
  requirePositions({ start: part.start, end: part.end, size: whole.size });
  if (part.end > whole.size || !isSubtree(part.start, part.end)) {
    throw consistencyFails(`leaves ${part.start} to ${part.end} are no subtree of ${whole.size} leaves`);
  }
  const joints = subtreeJoints(part, whole.size);
  // A part that is one node of the whole is where the way begins; else its last complete node comes first in the proof.
  const [seed, siblings] = joints.includes("left-of-both") ? [proof[0], proof.slice(1)] : [part.root, proof];
  if (seed === undefined || siblings.length !== joints.length) {
    throw consistencyFails(`from ${part.end} to ${whole.size} leaves it does not take ${proof.length} hashes`);
  }
  let partRoot = requireHash(seed, "the first hash");
  let wholeRoot = partRoot;
  for (const [at, sibling] of siblings.entries()) {
    const joint = joints[at];
    requireHash(sibling, `proof hash ${at}`);
    if (joint === "left-of-both") partRoot = nodeHash(sibling, partRoot, hash);
    wholeRoot = joint === "right" ? nodeHash(wholeRoot, sibling, hash) : nodeHash(sibling, wholeRoot, hash);
  }
  if (!equalBytes(partRoot, part.root)) throw consistencyFails("it leads to another older root");
  if (!equalBytes(wholeRoot, whole.root)) throw consistencyFails("it leads to another newer root");
}

/**
 * Root of the complete subtree of `2 ** level` leaves that begins at leaf `index * 2 ** level`. Asked only for subtrees
 * that lie within the size the caller spoke of.
 */
export type HashReader = (level: number, index: number) => Hash;

/** Root of the tree over leaves `start` to `end`, `end > start`, where the larger tree has a node for them. */
function rangeRoot(start: number, end: number, hashes: HashReader, hash: Sha256): Hash {
  const subtrees: Hash[] = [];
  for (let from = start; from < end;) {
    let [level, width] = [0, 1];
    for (; width * 2 <= end - from; level++) width *= 2;
    subtrees.push(hashes(level, from / width));
    from += width;
  }
  return subtrees.reduceRight((right, left) => nodeHash(left, right, hash));
}

/** Root of the first `size` leaves. @throws SettlementError `TREE_POSITION_INVALID` */
export function rootOfSize(size: number, hashes: HashReader, hash: Sha256 = sha256): Hash {
  requirePositions({ size });
  return size === 0 ? emptyRoot(hash) : rangeRoot(0, size, hashes, hash);
}

/**
 * Path of leaf `index` in the tree of the first `size` leaves, RFC 9162 §2.1.3.1.
 *
 * @throws SettlementError `TREE_POSITION_INVALID` unless `0 <= index < size`
 */
export function inclusionPath(index: number, size: number, hashes: HashReader, hash: Sha256 = sha256): Hash[] {
  requirePositions({ index, size });
  if (index >= size)
    throw new SettlementError("TREE_POSITION_INVALID", `there is no leaf ${index} in a tree of ${size} leaves`);
  const path: Hash[] = [];
  for (let [start, end] = [0, size]; end - start > 1;) {
    const middle = start + split(end - start);
    if (index < middle) {
      path.push(rangeRoot(middle, end, hashes, hash));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, hashes, hash));
      start = middle;
    }
  }
  return path.toReversed();
}

/**
 * Proof that the first `oldSize` leaves are where the first `newSize` leaves begin, RFC 9162 §2.1.4.1. Empty where the
 * sizes are equal, and where the older tree is empty.
 *
 * @throws SettlementError `TREE_POSITION_INVALID` unless `0 <= oldSize <= newSize`
 */
export function consistencyProof(oldSize: number, newSize: number, hashes: HashReader, hash: Sha256 = sha256): Hash[] {
  requirePositions({ oldSize, newSize });
  if (oldSize > newSize)
    throw new SettlementError(
      "TREE_POSITION_INVALID",
      `a tree of ${newSize} leaves is not newer than one of ${oldSize}`,
    );
  if (oldSize === 0) return [];
  const proof: Hash[] = [];
  let [start, end] = [0, newSize];
  while (oldSize !== end) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      proof.push(rangeRoot(middle, end, hashes, hash));
      end = middle;
    } else {
      proof.push(rangeRoot(start, middle, hashes, hash));
      start = middle;
    }
  }
  // With `start` at 0 the rest is the whole older tree, whose root the verifier has.
  if (start !== 0) proof.push(rangeRoot(start, end, hashes, hash));
  return proof.toReversed();
}

/** All complete subtrees of a tree held in memory, 64 bytes a leaf: one pass to build, O(log n) a proof. */
export function memoryTree(leafHashes: readonly Hash[], hash: Sha256 = sha256): HashReader {
  const levels: Uint8Array[] = [];
  for (let width = 1; width <= leafHashes.length; width *= 2)
    levels.push(new Uint8Array(32 * Math.floor(leafHashes.length / width)));
  const tree = treeAccumulator(hash, (level, index, node) => levels[level]?.set(node, 32 * index));
  for (const leaf of leafHashes) tree.append(leaf);
  return (level, index) => {
    const node = levels[level]?.subarray(32 * index, 32 * (index + 1));
    if (node?.length === 32) return node;
    throw new SettlementError(
      "TREE_POSITION_INVALID",
      `no complete subtree of level ${level} at ${index} among ${leafHashes.length} leaves`,
    );
  };
}
