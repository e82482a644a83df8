import { type Sha256, sha256 } from "./hash.ts";
import { leafHash, nodeHash } from "./merkle.ts";

/** Bytes of a hash. */
export const hashBytes = 32;

/** Hashes of a tree, many at once, each 32 bytes behind the one before it. */
export interface TreeHashing {
  /**
   * Leaf hashes of entries, RFC 9162 §2.1.1.
   *
   * @param entries - 32 bytes each
   * @param target - takes a hash for each
   */
  leaves(entries: Uint8Array, target: Uint8Array): void;
  /**
   * Hashes of interior nodes, RFC 9162 §2.1.1.
   *
   * @param pairs - the two below each, 64 bytes
   * @param target - takes a hash for each pair; it may begin where `pairs` does
   */
  nodes(pairs: Uint8Array, target: Uint8Array): void;
}

/** Hashes of short messages, many at once. */
export interface BlockHashing {
  /**
   * @param blocks - messages of up to {@link mostMessageBytes}, each padded to 64 bytes: see {@link padBlock}
   * @param target - takes a hash for each
   */
  blocks(blocks: Uint8Array, target: Uint8Array): void;
}

export const blockBytes = 64;
export const mostMessageBytes = 55;

/** Ends the message that begins at `at`, FIPS 180-4 §5.1.1. */
export function padBlock(blocks: Uint8Array, at: number, length: number): void {
  blocks.fill(0, at + length, at + blockBytes);
  blocks[at + length] = 0x80;
  blocks[at + blockBytes - 2] = length >> 5;
  blocks[at + blockBytes - 1] = 8 * length;
}

/** Length of a message that was padded. */
export function paddedLength(blocks: Uint8Array, at: number): number {
  return (((blocks[at + blockBytes - 2] ?? 0) << 8) | (blocks[at + blockBytes - 1] ?? 0)) / 8;
}

/** By any SHA-256. */
export function treeHashing(hash: Sha256 = sha256): TreeHashing {
  return {
    leaves(entries, target) {
      for (let at = 0; at < entries.length; at += hashBytes) {
        target.set(leafHash(entries.subarray(at, at + hashBytes), hash), at);
      }
    },
    nodes(pairs, target) {
      for (let at = 0; 2 * at < pairs.length; at += hashBytes) {
        const left = pairs.subarray(2 * at, 2 * at + hashBytes);
        target.set(nodeHash(left, pairs.subarray(2 * at + hashBytes, 2 * at + 2 * hashBytes), hash), at);
      }
    },
  };
}

/**
 * Root of the RFC 9162 tree over some hashes.
 *
 * @param nodes - one or more of them; they are overwritten
 */
export function foldedRoot(nodes: Uint8Array, hashing: TreeHashing): Uint8Array {
  let count = nodes.length / hashBytes;
  while (count > 1) {
    const pairs = Math.floor(count / 2);
    hashing.nodes(nodes.subarray(0, 2 * pairs * hashBytes), nodes.subarray(0, pairs * hashBytes));
    // A lone node is carried up.
    if (count % 2 === 1) nodes.copyWithin(pairs * hashBytes, (count - 1) * hashBytes, count * hashBytes);
    count = Math.ceil(count / 2);
  }
  return nodes.slice(0, hashBytes);
}
