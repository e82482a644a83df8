import { concatBytes, equalBytes } from "./bytes.ts";
import type { Hash } from "./hash.ts";
import { emptyRoot } from "./merkle.ts";
import type { TreeHead } from "./merkle-proof.ts";
import { partialTiles } from "./tiles.ts";
import { foldedRoot, hashBytes, type TreeHashing, treeHashing } from "./tree-hashing.ts";

/** The tiles that a log has in part. */
export interface OpenTiles {
  readonly size: number;
  /** For each level, lowest first, the hashes that no full tile holds, one behind the other. */
  readonly levels: readonly Uint8Array[];
}

/** A log without entries. */
export const emptyLog: OpenTiles = { size: 0, levels: [] };

/** Root of the log whose open tiles these are. */
export function rootOfOpenTiles(levels: OpenTiles["levels"], hashing: TreeHashing): Hash {
  let root: Uint8Array = new Uint8Array();
  for (const hashes of levels) {
    // What no full tile holds is the last and lone node of the level above.
    const nodes = concatBytes(hashes, root);
    if (nodes.length > 0) root = foldedRoot(nodes, hashing);
  }
  return root.length > 0 ? root : emptyRoot();
}

/**
 * The log of `size` leaves by its partial tiles.
 *
 * @param tiles - bytes of each of {@link partialTiles}, which are not copied
 * @returns undefined unless the tiles are those of a log with this root
 */
export function openTiles(
  { size, root }: TreeHead,
  tiles: readonly Uint8Array[],
  hashing: TreeHashing = treeHashing(),
): OpenTiles | undefined {
  const levels: Uint8Array[] = [];
  for (const [at, { level, width }] of partialTiles(size).entries()) {
    const bytes = tiles[at];
    if (bytes?.length !== hashBytes * width) return undefined;
    while (levels.length < Number(level)) levels.push(new Uint8Array());
    levels.push(bytes);
  }
  return equalBytes(rootOfOpenTiles(levels, hashing), root) ? { size, levels } : undefined;
}
