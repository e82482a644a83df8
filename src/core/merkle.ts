import { SettlementError } from "./error.ts";
import { type Hash, type Sha256, sha256 } from "./hash.ts";

/** @throws SettlementError `HASH_MALFORMED` unless `hash` is 32 bytes */
export function requireHash(hash: Uint8Array, what: string): Hash {
  if (hash instanceof Uint8Array && hash.length === 32) return hash;
  throw new SettlementError("HASH_MALFORMED", `${what} must be a hash of 32 bytes, not ${hash?.length}`);
}

/** Root of the tree without leaves, RFC 9162 §2.1.1: SHA-256 of nothing. */
export function emptyRoot(hash: Sha256 = sha256): Hash {
  return hash(new Uint8Array());
}

// Filled anew for each hash: an allocation would cost more than the hash. No Sha256 may keep its input.
const leafBlock = new Uint8Array(33);
const nodeBlock = new Uint8Array(65);
nodeBlock[0] = 1;

/** Hash of a leaf, RFC 9162 §2.1.1: SHA-256 of 0x00 and the entry. */
export function leafHash(entry: Uint8Array, hash: Sha256 = sha256): Hash {
  const block = entry.length === 32 ? leafBlock : new Uint8Array(1 + entry.length);
  block.set(entry, 1);
  return hash(block);
}

/** Hash of an interior node, RFC 9162 §2.1.1: SHA-256 of 0x01 and the two below. @throws SettlementError `HASH_MALFORMED` */
export function nodeHash(left: Hash, right: Hash, hash: Sha256 = sha256): Hash {
  nodeBlock.set(requireHash(left, "the left node"), 1);
  nodeBlock.set(requireHash(right, "the right node"), 33);
  return hash(nodeBlock);
}

/**
 * Told of every complete subtree once, children first: the one of `2 ** level` leaves that begins at leaf
 * `index * 2 ** level`. Level 0 are the leaves.
 */
export type NodeListener = (level: number, index: number, hash: Hash) => void;

/** A tree under construction. Holds one hash for each bit of its size, however many leaves it has. */
export interface TreeAccumulator {
  /** Number of leaves so far. */
  readonly size: number;
  /** @param leaf - its leaf hash, which is not copied. @throws SettlementError `HASH_MALFORMED`, here or from `root` */
  append(leaf: Hash): void;
  /** Root over the leaves so far; more may follow. @throws SettlementError `HASH_MALFORMED` */
  root(): Hash;
}

/** Builds an RFC 9162 tree leaf by leaf. */
export function treeAccumulator(hash: Sha256 = sha256, onNode?: NodeListener): TreeAccumulator {
  const peaks: Hash[] = []; // complete subtrees, largest first
  let size = 0;
  return {
    get size() {
      return size;
    },
    append(leaf) {
      let node = leaf;
      let index = size;
      onNode?.(0, index, node);
      for (let level = 1; index % 2 === 1; level++) {
        node = nodeHash(peaks.pop() as Hash, node, hash);
        index = (index - 1) / 2;
        onNode?.(level, index, node);
      }
      peaks.push(node);
      size++;
    },
    root() {
      const root = peaks.reduceRight<Hash | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right, hash)),
        undefined,
      );
      return root === undefined ? emptyRoot() : requireHash(root, "a node");
    },
  };
}

/** Root of the RFC 9162 tree over these leaf hashes, in O(log n) memory. */
export function rootOf(leafHashes: Iterable<Hash>, hash: Sha256 = sha256): Hash {
  const tree = treeAccumulator(hash);
  for (const leaf of leafHashes) tree.append(leaf);
  return tree.root();
}
