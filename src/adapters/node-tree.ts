import { hash } from "node:crypto";
import { monthLogs, type NewMonthLogs } from "../core/month-logs.ts";
import { laneTreeHashing } from "./lane-tree.ts";
import { blockBytes, type BlockHashing, hashBytes, paddedLength, type TreeHashing } from "../core/tree-hashing.ts";

/** What is hashed comes before the hashes themselves, in the same memory: nothing is allocated for each. */
const start = 72;
const arena = Buffer.alloc(start + 16_384);
const leafBlock = arena.subarray(0, 1 + hashBytes);
const nodeBlock = arena.subarray(0, 1 + 2 * hashBytes);

/** Replaces every `width` bytes by the hash of `lead` and those. */
function hashEach(lead: number, from: Uint8Array, width: number, to: Uint8Array): void {
  const block = width === hashBytes ? leafBlock : nodeBlock;
  arena.set(from, start);
  arena[0] = lead;
  let out = start;
  for (let at = start; at < start + from.length; at += width, out += hashBytes) {
    arena.copyWithin(1, at, at + width);
    // A text of one character a byte is what Node gives soonest.
    arena.write(hash("sha256", block, "binary"), out, hashBytes, "latin1");
  }
  to.set(arena.subarray(start, out));
}

/** As many at once as the arena takes. */
function hashAll(lead: number, from: Uint8Array, width: number, to: Uint8Array): void {
  const most = arena.length - start;
  for (let at = 0; at < from.length; at += most) {
    hashEach(lead, from.subarray(at, at + most), width, to.subarray((at / width) * hashBytes));
  }
}

/** Hashing by OpenSSL, one after the other. */
export const opensslTreeHashing: TreeHashing & BlockHashing = {
  leaves: (entries, target) => hashAll(0, entries, hashBytes, target),
  nodes: (pairs, target) => hashAll(1, pairs, 2 * hashBytes, target),
  blocks(blocks, target) {
    for (let at = 0; at < blocks.length; at += blockBytes) {
      const message = blocks.subarray(at, at + paddedLength(blocks, at));
      target.set(Buffer.from(hash("sha256", message, "binary"), "latin1"), (at / blockBytes) * hashBytes);
    }
  },
};

let soonest: (TreeHashing & BlockHashing) | undefined;

function hashing(): TreeHashing & BlockHashing {
  return (soonest ??= laneTreeHashing() ?? opensslTreeHashing);
}

/** Hashing in what way is soonest here, made ready when it is first used. */
export const nodeTreeHashing: TreeHashing & BlockHashing = {
  leaves: (entries, target) => hashing().leaves(entries, target),
  nodes: (pairs, target) => hashing().nodes(pairs, target),
  blocks: (blocks, target) => hashing().blocks(blocks, target),
};

/** The logs of a month. */
export const nodeMonthLogs: NewMonthLogs = monthLogs(nodeTreeHashing);
