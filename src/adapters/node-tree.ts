import { hash } from "node:crypto";
import type { Hash } from "../core/hash.ts";
import { emptyRoot, type EntryTree } from "../core/merkle.ts";

/** SHA-256 as a text of one character a byte: it goes from one hash into the next without an object of its own. */
type DigestText = string;

function sha256(block: Buffer): DigestText {
  return hash("sha256", block, "binary");
}

function bytesOf(digest: DigestText): Hash {
  return Uint8Array.from(Buffer.from(digest, "latin1"));
}

/** The tree of the core by OpenSSL, at a tenth more than its hashes cost. */
export function nodeEntryTree(): EntryTree {
  const peaks: DigestText[] = []; // complete subtrees, largest first
  const leafBlock = Buffer.alloc(33);
  const nodeBlock = Buffer.alloc(65, 1);
  let size = 0;
  const nodeOf = (left: DigestText, right: DigestText): DigestText => {
    nodeBlock.write(left, 1, 32, "latin1");
    nodeBlock.write(right, 33, 32, "latin1");
    return sha256(nodeBlock);
  };
  return {
    get size() {
      return size;
    },
    append(entry) {
      const block = entry.length === 32 ? leafBlock : Buffer.alloc(1 + entry.length);
      block.set(entry, 1);
      let node = sha256(block);
      for (let index = size; index % 2 === 1; index = (index - 1) / 2) node = nodeOf(peaks.pop() ?? "", node);
      peaks.push(node);
      size++;
    },
    root() {
      const root = peaks.reduceRight<DigestText | undefined>(
        (right, left) => (right === undefined ? left : nodeOf(left, right)),
        undefined,
      );
      return root === undefined ? emptyRoot() : bytesOf(root);
    },
  };
}
