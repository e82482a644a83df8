import { hash } from "node:crypto";
import { MerkleTree } from "merkletreejs";

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

/** A root under construction. */
interface RootBuilder {
  append(entry: Uint8Array): void;
  root(): Uint8Array;
}

function leafOf(entry: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.of(0), entry]));
}

/**
 * The root by merkletreejs and OpenSSL, over aligned chunks of 2^14 leaves and then over their roots, so that memory
 * stays at one chunk, and one hash for each chunk before it. Nothing is looked up by value, so equal leaves do no harm.
 */
export function merkletreejsTree(): RootBuilder {
  const roots: Buffer[] = [];
  let chunk: Buffer[] = [];
  const endChunk = (): void => {
    if (chunk.length > 0) roots.push(rootOfChunk(chunk));
    chunk = [];
  };
  return {
    append(entry) {
      chunk.push(leafOf(entry));
      if (chunk.length === chunkLeaves) endChunk();
    },
    root() {
      endChunk();
      return Uint8Array.from(roots.length === 0 ? sha256(Buffer.alloc(0)) : rootOfChunk(roots));
    },
  };
}

/** Root of the RFC 9162 tree over entries, by an implementation that shares nothing with `core/merkle.ts`. */
export function merkletreejsRoot(entries: Iterable<Uint8Array>): Uint8Array {
  const tree = merkletreejsTree();
  for (const entry of entries) tree.append(entry);
  return tree.root();
}
