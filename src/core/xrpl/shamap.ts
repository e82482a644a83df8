import { compareBytes, concatBytes, equalBytes, fromHex, toHex } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { type Hash } from "../hash.ts";
import { hashPrefix, sha512Half, zeroHash } from "./hash.ts";
import { transactionId } from "./transaction-id.ts";
import { vlPrefix } from "./vl.ts";

/** A leaf of a SHAMap, the 16-way radix tree that holds a ledger's transactions or its state. */
export interface TreeLeaf {
  /** 32 bytes: the transaction id or the entry's index. Its nibbles, high one first, are the leaf's place. */
  readonly key: Hash;
  readonly hash: Hash;
}

/** Nibbles of a key, and so the deepest level of a tree. */
const maxTreeDepth = 64;

/** Leaf hash of the transaction tree, over the transaction with its metadata; its key is the transaction id. */
export function transactionLeaf(blob: Uint8Array, meta: Uint8Array): Hash {
  const parts = [vlPrefix(blob.length), blob, vlPrefix(meta.length), meta, transactionId(blob)];
  return sha512Half(hashPrefix.transactionLeaf, ...parts);
}

/** Leaf hash of the state tree, over a serialised ledger entry and its key. */
export function stateLeaf(data: Uint8Array, key: Hash): Hash {
  return sha512Half(hashPrefix.stateLeaf, data, key);
}

/** The hash of an inner node over its 16 children, zeros where a branch is empty. */
export function innerHash(children: readonly Hash[]): Hash {
  return sha512Half(hashPrefix.innerNode, concatBytes(...children));
}

/** The nibble of `key` that chooses the branch at `depth`. */
export function nibbleAt(key: Hash, depth: number): number {
  const byte = key[depth >> 1] ?? 0;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}

/**
 * Root of the tree that holds `leaves`: zeros if there are none.
 *
 * @throws SettlementError `XRPL_TREE_MALFORMED` for two leaves with one key
 */
export function treeRoot(leaves: readonly TreeLeaf[]): Hash {
  if (leaves.length === 0) return zeroHash;
  return subtreeHash(sortedLeaves(leaves), 0);
}

function sortedLeaves(leaves: readonly TreeLeaf[]): readonly TreeLeaf[] {
  const sorted = leaves.toSorted((a, b) => compareBytes(a.key, b.key));
  for (const [at, leaf] of sorted.entries()) {
    const before = sorted[at - 1];
    if (leaf.key.length !== 32 || (before && compareBytes(before.key, leaf.key) === 0)) {
      throw new SettlementError("XRPL_TREE_MALFORMED", "a tree holds each key of 32 bytes once; this list does not");
    }
  }
  return sorted;
}

/** The 16 child hashes of the inner node at `depth` over leaves that share `depth` nibbles. */
function childHashes(sorted: readonly TreeLeaf[], depth: number): readonly Hash[] {
  return branches(sorted, depth).map((branch) => {
    const [only, second] = branch;
    if (!only) return zeroHash;
    return second ? subtreeHash(branch, depth + 1) : only.hash;
  });
}

function branches(sorted: readonly TreeLeaf[], depth: number): readonly (readonly TreeLeaf[])[] {
  const parts: TreeLeaf[][] = Array.from({ length: 16 }, () => []);
  for (const leaf of sorted) parts[nibbleAt(leaf.key, depth)]?.push(leaf);
  return parts;
}

function subtreeHash(sorted: readonly TreeLeaf[], depth: number): Hash {
  return innerHash(childHashes(sorted, depth));
}

/** List form of a proof, XLS-41: 16 entries, each a hash in hex or, on the way to the leaf, the next such list. */
export type TreePath = readonly (string | TreePath)[];

/**
 * The path from the root to the leaf under `key`, XLS-41 list form.
 *
 * @throws SettlementError `XRPL_TREE_LEAF_ABSENT` when no leaf has this key
 */
export function treePath(leaves: readonly TreeLeaf[], key: Hash): TreePath {
  const sorted = sortedLeaves(leaves);
  if (!sorted.some((leaf) => equalBytes(leaf.key, key))) {
    throw new SettlementError("XRPL_TREE_LEAF_ABSENT", `the tree holds no ${toHex(key)}; its ledger is another one`);
  }
  return pathBelow(sorted, key, 0);
}

function pathBelow(sorted: readonly TreeLeaf[], key: Hash, depth: number): TreePath {
  const at = nibbleAt(key, depth);
  const branch = branches(sorted, depth)[at] ?? [];
  return childHashes(sorted, depth).map((hash, child) => {
    if (child === at && branch.length > 1) return pathBelow(branch, key, depth + 1);
    return toHex(hash).toUpperCase();
  });
}

/**
 * Root implied by a list-form proof. The caller compares it with the header's.
 *
 * @param path - untrusted; a list shorter than 16 counts as filled up with zero hashes
 * @param leafKey - 32 bytes; its nibbles say which entry is on the way
 * @param leafHash - recomputed by the caller; the path must state the same at the leaf's place
 * @throws SettlementError `XRPL_TREE_PATH_MALFORMED` when `path` is not of this form or deeper than 64 levels,
 *   `XRPL_TREE_PATH_MISMATCH` when it does not lead to this leaf
 */
export function rootFromTreePath(path: unknown, leafKey: Hash, leafHash: Hash): Hash {
  return rootFromLevels(pathLevels(path, leafKey), leafKey, leafHash);
}

/** 16 hashes a level from the root down; the entry that leads to the next level is `undefined`. */
export type PathLevels = readonly (readonly (Hash | undefined)[])[];

/**
 * Root implied by the levels of a proof, see {@link rootFromTreePath}.
 *
 * @throws SettlementError `XRPL_TREE_PATH_MISMATCH`
 */
export function rootFromLevels(levels: PathLevels, leafKey: Hash, leafHash: Hash): Hash {
  const deepest = levels.length - 1;
  if (!equalBytes(levels[deepest]?.[nibbleAt(leafKey, deepest)] ?? zeroHash, leafHash)) {
    throw new SettlementError("XRPL_TREE_PATH_MISMATCH", "the tree path ends in another leaf than this transaction's");
  }
  return levels.reduceRight((below, level) => innerHash(level.map((entry) => entry ?? below)), leafHash);
}

/**
 * The levels of a list-form proof, see {@link rootFromTreePath}.
 *
 * @throws SettlementError `XRPL_TREE_PATH_MALFORMED`
 */
export function pathLevels(path: unknown, leafKey: Hash): PathLevels {
  const levels: (Hash | undefined)[][] = [];
  let list = path;
  do {
    const depth = levels.length;
    if (!Array.isArray(list) || list.length > 16) throw malformed(depth, "is not a list of at most 16 entries");
    if (depth >= maxTreeDepth) throw malformed(depth, "is deeper than the 64 nibbles of a key");
    const at = nibbleAt(leafKey, depth);
    let next: unknown;
    const level = Array.from({ length: 16 }, (_, child): Hash | undefined => {
      const entry: unknown = child < (list as unknown[]).length ? (list as unknown[])[child] : "0".repeat(64);
      if (typeof entry === "string" && /^[0-9a-fA-F]{64}$/.test(entry)) return fromHex(entry);
      if (child !== at || !Array.isArray(entry))
        throw malformed(depth, `has neither a hash nor the way to the leaf at ${child}`);
      next = entry;
      return undefined;
    });
    levels.push(level);
    list = next;
  } while (list !== undefined);
  return levels;
}

function malformed(depth: number, fault: string): SettlementError {
  return new SettlementError("XRPL_TREE_PATH_MALFORMED", `level ${depth} of the tree path ${fault}`);
}
