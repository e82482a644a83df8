import { nodeTreeHashing } from "../src/adapters/node-tree.ts";
import { hashLog } from "../src/core/hash-log.ts";
import type { TileFile } from "../src/core/tiles.ts";

/** Bytes of leaves. */
const leavesAtOnce = 8192;

/** @param emit - takes the tiles */
export function ourRoot(ids: Buffer, emit: (file: TileFile) => void = () => undefined): Uint8Array {
  const log = hashLog(emit, nodeTreeHashing);
  const leaves = Buffer.alloc(Math.min(ids.length, leavesAtOnce));
  for (let at = 0; at < ids.length; at += leavesAtOnce) {
    const entries = ids.subarray(at, at + leavesAtOnce);
    nodeTreeHashing.leaves(entries, leaves);
    log.append(leaves.subarray(0, entries.length));
  }
  return log.finish().root;
}
