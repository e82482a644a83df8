import { hash } from "node:crypto";
import { requireHash, type NodeHashing } from "../core/merkle.ts";
import { monthLogs, type NewMonthLogs } from "../core/month-logs.ts";

const leafBlock = Buffer.alloc(33);
const nodeBlock = Buffer.alloc(65, 1);

function sha256(block: Buffer): string {
  return hash("sha256", block, "binary");
}

/** Hashing by OpenSSL. A hash is a text of one character a byte: it goes into the next without an object of its own. */
export const nodeTreeHashing: NodeHashing<string> = {
  leaf(entry) {
    const block = entry.length === 32 ? leafBlock : Buffer.alloc(1 + entry.length);
    block.set(entry, 1);
    return sha256(block);
  },
  node(left, right) {
    nodeBlock.write(left, 1, 32, "latin1");
    nodeBlock.write(right, 33, 32, "latin1");
    return sha256(nodeBlock);
  },
  toBytes(digits) {
    const bytes = new Uint8Array(32);
    for (let at = 0; at < 32; at++) bytes[at] = digits.charCodeAt(at);
    return bytes;
  },
  fromBytes: (bytes) => Buffer.from(requireHash(bytes, "a node")).toString("latin1"),
};

/** The logs of a month by OpenSSL. */
export const nodeMonthLogs: NewMonthLogs = monthLogs(nodeTreeHashing);
