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

/** How a tree hashes, and what it takes a hash for meanwhile: bytes are not what every implementation is fastest with. */
export interface NodeHashing<T> {
  /** See {@link leafHash}. */
  leaf(entry: Uint8Array): T;
  /** See {@link nodeHash}. */
  node(left: T, right: T): T;
  toBytes(hash: T): Hash;
  /** @throws SettlementError `HASH_MALFORMED` */
  fromBytes(bytes: Hash): T;
}

/** Hashing over bytes by any SHA-256. */
export function nodeHashing(hash: Sha256 = sha256): NodeHashing<Hash> {
  const whole = (bytes: Hash): Hash => requireHash(bytes, "a node");
  return {
    leaf: (entry) => leafHash(entry, hash),
    node: (left, right) => nodeHash(left, right, hash),
    toBytes: whole,
    fromBytes: whole,
  };
}

/**
 * Told of every complete subtree once, children first: the one of `2 ** level` leaves that begins at leaf
 * `index * 2 ** level`. Level 0 are the leaves.
 */
export type NodeListener<T> = (level: number, index: number, hash: T) => void;

/** A tree under construction. Holds one hash for each bit of its size, however many leaves it has. */
export interface TreeBuilder<T> {
  /** Number of leaves so far. */
  readonly size: number;
  /** @param leaf - its leaf hash, which is not copied */
  append(leaf: T): void;
  /** Root over the leaves so far; more may follow. @throws SettlementError `HASH_MALFORMED` */
  root(): Hash;
}

/** A tree as far as it takes to go on with it. */
export interface TreeStart {
  readonly size: number;
  /** Hashes of its complete subtrees, largest first: one for each bit of its size. */
  readonly peaks: readonly Hash[];
}

/**
 * Builds an RFC 9162 tree leaf by leaf.
 *
 * @param start - the tree that is gone on with; an empty one when left out
 */
export function treeBuilder<T>(
  { node: nodeOf, toBytes, fromBytes }: NodeHashing<T>,
  onNode?: NodeListener<T>,
  start: TreeStart = { size: 0, peaks: [] },
): TreeBuilder<T> {
  const peaks = start.peaks.map(fromBytes); // complete subtrees, largest first
  let { size } = start;
  return {
    get size() {
      return size;
    },
    append(leaf) {
      let node = leaf;
      let index = size;
      onNode?.(0, index, node);
      for (let level = 1; index % 2 === 1; level++) {
        node = nodeOf(peaks.pop() as T, node);
        index = (index - 1) / 2;
        onNode?.(level, index, node);
      }
      peaks.push(node);
      size++;
    },
    root() {
      const root = peaks.reduceRight<T | undefined>(
        (right, left) => (right === undefined ? left : nodeOf(left, right)),
        undefined,
      );
      return root === undefined ? emptyRoot() : toBytes(root);
    },
  };
}

/** A tree of which the hashes are bytes. */
export type TreeAccumulator = TreeBuilder<Hash>;

/** {@link treeBuilder} over bytes. */
export function treeAccumulator(
  hash: Sha256 = sha256,
  onNode?: NodeListener<Hash>,
  start?: TreeStart,
): TreeAccumulator {
  return treeBuilder(nodeHashing(hash), onNode, start);
}

/** Root of the RFC 9162 tree over these leaf hashes, in O(log n) memory. */
export function rootOf(leafHashes: Iterable<Hash>, hash: Sha256 = sha256): Hash {
  const tree = treeAccumulator(hash);
  for (const leaf of leafHashes) tree.append(leaf);
  return tree.root();
}
