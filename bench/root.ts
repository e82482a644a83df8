import { hash } from "node:crypto";
import { merkletreejsRoot } from "../src/adapters/second-root.ts";
import { nodeTreeHashing } from "../src/adapters/node-tree.ts";
import { nodeSha256 } from "../src/adapters/node-crypto.ts";
import { equalBytes } from "../src/core/bytes.ts";
import { hashLog } from "../src/core/hash-log.ts";
import { leafHash } from "../src/core/merkle.ts";
import { MerkleTree } from "merkletreejs";
import { inTurn, type Row } from "./row.ts";

/** Leaves that merkletreejs gets at once; a million would take more than a gigabyte. */
const mostForMerkletreejs = 100_000;
const mostExtraMb = 32;

/** Bytes of leaves. */
const leavesAtOnce = 8192;

/** Ids as good as random, one after the other, 32 bytes each. */
function madeIds(count: number): Buffer {
  const ids = Buffer.alloc(32 * count);
  for (let at = 0; at < count; at++) ids.write(hash("sha256", String(at), "binary"), 32 * at, 32, "latin1");
  return ids;
}

function* entriesOf(ids: Buffer): Generator<Buffer> {
  for (let at = 0; at < ids.length; at += 32) yield ids.subarray(at, at + 32);
}

function ourRoot(ids: Buffer): Uint8Array {
  const log = hashLog(() => undefined, nodeTreeHashing);
  const leaves = Buffer.alloc(Math.min(ids.length, leavesAtOnce));
  for (let at = 0; at < ids.length; at += leavesAtOnce) {
    const entries = ids.subarray(at, at + leavesAtOnce);
    nodeTreeHashing.leaves(entries, leaves);
    log.append(leaves.subarray(0, entries.length));
  }
  return log.finish().root;
}

/** The floor: every hash of the tree over a block of its size, and nothing else. */
function bareHashes(ids: Buffer): number {
  const [leaf, node] = [Buffer.alloc(33), Buffer.alloc(65, 1)];
  let sum = 0;
  for (let at = 0; at < ids.length; at += 32) sum += hash("sha256", leaf, "binary").length;
  for (let at = 32; at < ids.length; at += 32) sum += hash("sha256", node, "binary").length;
  return sum;
}

/** merkletreejs as its users run it: one tree over all leaves. */
function theirRoot(ids: Buffer): Uint8Array {
  const sha256 = (bytes: Buffer): Buffer => Buffer.from(hash("sha256", bytes, "binary"), "binary");
  const leaves = Array.from(entriesOf(ids), (entry) => Buffer.from(leafHash(entry, nodeSha256)));
  const concatenator = (pair: Buffer[]): Buffer => Buffer.concat([Buffer.of(1), ...pair]);
  return new MerkleTree(leaves, sha256, {
    concatenator,
    hashLeaves: false,
    sort: false,
    duplicateOdd: false,
  }).getRoot();
}

function extraMbOf(work: () => void): number {
  globalThis.gc?.();
  const before = process.resourceUsage().maxRSS;
  work();
  return Math.max(0, process.resourceUsage().maxRSS - before) / 1024;
}

/** The root of so many ids, beside the bare hashes and beside merkletreejs. @throws Error when a root is not right */
export function measureRoot(count: number): readonly Row[] {
  const ids = madeIds(count);
  const extraMb = extraMbOf(() => ourRoot(ids));
  if (!equalBytes(ourRoot(ids), merkletreejsRoot(entriesOf(ids)))) throw new Error(`the root of ${count} ids is wrong`);
  const rounds = count > 1_000_000 ? 1 : 5;
  const name = `root of ${count.toLocaleString("en")} ids`;
  const floor = inTurn(
    rounds,
    () => ourRoot(ids),
    () => bareHashes(ids),
  );
  const few = ids.subarray(0, 32 * Math.min(count, mostForMerkletreejs));
  const peer = inTurn(
    3,
    () => ourRoot(few),
    () => theirRoot(few),
  );
  return [
    { name, baseline: "its bare hashes", ...floor, target: 1.3, extraMb, mostMb: mostExtraMb },
    { name: `root of ${(few.length / 32).toLocaleString("en")} ids`, baseline: "merkletreejs", ...peer, target: 1 / 3 },
  ];
}
