// What `bench/trees.ts` measures, one tree a process.
import { hash } from "node:crypto";
import { MerkleTree } from "merkletreejs";
import { nodeSha256 } from "../src/adapters/node-crypto.ts";
import { nodeTreeHashing } from "../src/adapters/node-tree.ts";
import { toHex } from "../src/core/bytes.ts";
import { leafHash } from "../src/core/merkle.ts";
import { inclusionPath, rootFromInclusion } from "../src/core/merkle-proof.ts";
import { tileReader } from "../src/core/tile-reader.ts";
import { entriesOf, madeIds } from "./made-ids.ts";
import { ourRoot } from "./our-tree.ts";
import { median } from "./row.ts";

export interface TreeTask {
  readonly kind: "ours" | "merkletreejs";
  readonly count: number;
  /** So many, evenly spread. */
  readonly proofs: number;
  readonly rounds: number;
}

export interface TreeRun {
  /** From ids in memory to the root. */
  readonly ms: number;
  /** Of one inclusion proof out of the tree at hand. */
  readonly proofMs: number;
  /** In hex. */
  readonly root: string;
}

/** A tree that was built. */
interface Built {
  readonly root: Uint8Array;
  /** Siblings of a leaf, leaf side first. */
  path(index: number): readonly Uint8Array[];
}

function ours(ids: Buffer): Built {
  const tiles = new Map<string, Uint8Array>();
  const root = ourRoot(ids, ({ path, bytes }) => tiles.set(path, bytes));
  const size = ids.length / 32;
  const path = (index: number): Uint8Array[] => {
    const hashes = tileReader(size, (name) => tiles.get(name) ?? new Uint8Array(), nodeTreeHashing);
    return inclusionPath(index, size, hashes, nodeSha256);
  };
  return { root, path };
}

/** As its users run it: one tree over all leaves. */
function theirs(ids: Buffer): Built {
  const sha256 = (bytes: Buffer): Buffer => Buffer.from(hash("sha256", bytes, "binary"), "binary");
  const leaves = Array.from(entriesOf(ids), (entry) => Buffer.from(leafHash(entry, nodeSha256)));
  const concatenator = (pair: Buffer[]): Buffer => Buffer.concat([Buffer.of(1), ...pair]);
  const tree = new MerkleTree(leaves, sha256, { concatenator, hashLeaves: false, sort: false, duplicateOdd: false });
  const path = (index: number): Uint8Array[] =>
    tree.getProof(leaves[index] ?? Buffer.alloc(0), index).map(({ data }) => new Uint8Array(data));
  return { root: tree.getRoot(), path };
}

/** @throws Error when a proof does not lead to the root */
function run({ kind, count, proofs, rounds }: TreeTask): TreeRun {
  const [ids, build] = [madeIds(count), kind === "ours" ? ours : theirs];
  const [times, proofTimes]: [number[], number[]] = [[], []];
  let root = "";
  for (let round = 0; round < rounds; round++) {
    const beganMs = performance.now();
    const built = build(ids);
    times.push(performance.now() - beganMs);
    root = toHex(built.root);
    const indexes = Array.from({ length: proofs }, (_, at) => at * Math.floor(count / proofs));
    const provenMs = performance.now();
    const paths = indexes.map((index) => built.path(index));
    proofTimes.push((performance.now() - provenMs) / proofs);
    for (const [at, index] of indexes.entries()) {
      const leaf = leafHash(ids.subarray(32 * index, 32 * index + 32), nodeSha256);
      const reached = rootFromInclusion(leaf, index, count, paths[at] ?? [], nodeSha256);
      if (toHex(reached) !== root) throw new Error(`the proof of leaf ${index} does not hold`);
    }
  }
  return { ms: median(times), proofMs: median(proofTimes), root };
}

process.stdout.write(`${JSON.stringify(run(JSON.parse(process.argv[2] ?? "{}") as TreeTask))}\n`);
