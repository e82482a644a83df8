import { hash } from "node:crypto";
import { MerkleTree } from "merkletreejs";

/** Root of the RFC 9162 tree over leaf hashes, by an implementation that shares nothing with `core/merkle.ts`. */
export type SecondRoot = (leafHashes: Iterable<Uint8Array>) => Uint8Array;

/** Leaves a chunk: a power of two, so that the root of a full chunk is a node of the whole tree. */
const chunkLeaves = 2 ** 14;

// A string and back is four times cheaper than asking for a buffer.
const sha256 = (bytes: Buffer): Buffer => Buffer.from(hash("sha256", bytes, "binary"), "binary");

function rootOfChunk(nodes: Buffer[]): Buffer {
  const [only] = nodes;
  if (nodes.length === 1 && only) return only;
  const concatenator = (pair: Buffer[]): Buffer => Buffer.concat([Buffer.of(1), ...pair]);
  return new MerkleTree(nodes, sha256, { concatenator, hashLeaves: false, sort: false, duplicateOdd: false }).getRoot();
}

/**
 * The root by merkletreejs and OpenSSL, over aligned chunks of 2^14 leaves and then over their roots, so that memory
 * stays at one chunk, and one hash for each chunk before it. Nothing is looked up by value, so equal leaves do no harm.
 */
export const merkletreejsRoot: SecondRoot = (leafHashes) => {
  const roots: Buffer[] = [];
  let chunk: Buffer[] = [];
  for (const leaf of leafHashes) {
    chunk.push(Buffer.from(leaf));
    if (chunk.length < chunkLeaves) continue;
    roots.push(rootOfChunk(chunk));
    chunk = [];
  }
  if (chunk.length > 0) roots.push(rootOfChunk(chunk));
  return Uint8Array.from(roots.length === 0 ? sha256(Buffer.alloc(0)) : rootOfChunk(roots));
};
