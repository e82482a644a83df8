import { concatBytes, equalBytes } from "./bytes.ts";
import { type Hash, type Sha256, sha256 } from "./hash.ts";
import { type NodeHashing, nodeHashing, rootOf, treeAccumulator, treeBuilder } from "./merkle.ts";
import type { TreeHead } from "./merkle-proof.ts";
import { entryBundle, fullWidth, partialTiles, type TileFile, type TileName, tilePath } from "./tiles.ts";

const portable = nodeHashing();

/** A tiled log under construction. Holds one open tile a level, however many entries it has. */
export interface TileBuilder<T> {
  /** The entry, at most 65,535 bytes, is kept as it is until its bundle is handed out. @returns its leaf hash */
  append(entry: Uint8Array): T;
  /** Hands out the partial tiles; nothing may be appended afterwards. */
  finish(): TreeHead;
}

/**
 * Builds all files of a log in one pass. Full tiles are handed out when they are complete, partial ones at the end.
 *
 * @param emit - takes each file once; it may keep the bytes
 */
export function tileBuilder<T = Hash>(
  emit: (file: TileFile) => void,
  hashing: NodeHashing<T> = portable as NodeHashing<never>,
): TileBuilder<T> {
  let entries: Uint8Array[] = [];
  const tiles = hashTileBuilder((file) => {
    emit(file);
    const { level, index, width } = file;
    if (level !== 0) return;
    const name: TileName = { level: "entries", index, width };
    emit({ ...name, path: tilePath(name), bytes: entryBundle(entries) });
    entries = [];
  }, hashing);
  return {
    append(entry) {
      entries.push(entry);
      const leaf = hashing.leaf(entry);
      tiles.append(leaf);
      return leaf;
    },
    finish: () => tiles.finish(),
  };
}

/** The tiles that a log has in part: for each level, lowest first, the hashes that no full tile holds. */
export interface OpenTiles {
  readonly size: number;
  readonly levels: readonly (readonly Hash[])[];
}

/** A log under construction of which the hashes alone are kept. */
export interface HashTileBuilder<T> {
  append(leaf: T): void;
  /** Hands out the partial tiles; nothing may be appended afterwards. */
  finish(): TreeHead;
}

/**
 * The tiles of a log without its entries.
 *
 * @param emit - takes each file that was not full before, once
 * @param from - the log that is gone on with; an empty one when left out
 */
export function hashTileBuilder<T = Hash>(
  emit: (file: TileFile) => void,
  hashing: NodeHashing<T> = portable as NodeHashing<never>,
  from: OpenTiles = { size: 0, levels: [] },
): HashTileBuilder<T> {
  const open = from.levels.map((hashes) => hashes.map(hashing.fromBytes));
  const flush = (level: number, size: number): void => {
    const width = open[level]?.length ?? 0;
    if (width === 0) return;
    const name: TileName = { level, index: Math.ceil(Math.floor(size / fullWidth ** level) / fullWidth) - 1, width };
    emit({ ...name, path: tilePath(name), bytes: concatBytes(...(open[level] ?? []).map(hashing.toBytes)) });
    open[level] = [];
  };
  const tree = treeBuilder(
    hashing,
    (height, index, node) => {
      if (height % 8 !== 0) return;
      const level = height / 8;
      const tile = (open[level] ??= []);
      if (tile.push(node) === fullWidth) flush(level, (index + 1) * fullWidth ** level);
    },
    { size: from.size, peaks: peaksOf(from) },
  );
  return {
    append: (leaf) => tree.append(leaf),
    finish() {
      for (const level of open.keys()) flush(level, tree.size);
      return { size: tree.size, root: tree.root() };
    },
  };
}

/** Complete subtrees, largest first: those above the hashes of each open tile. */
function peaksOf({ levels }: OpenTiles, hash: Sha256 = sha256): Hash[] {
  return levels.toReversed().flatMap((hashes) => {
    const peaks: Hash[] = [];
    for (let at = 0; at < hashes.length;) {
      const count = 2 ** Math.floor(Math.log2(hashes.length - at));
      peaks.push(rootOf(hashes.slice(at, at + count), hash));
      at += count;
    }
    return peaks;
  });
}

/**
 * The log of `size` leaves by its partial tiles.
 *
 * @param tiles - bytes of each of {@link partialTiles}
 * @returns undefined unless the tiles are those of a log with this root
 */
export function openTiles(
  { size, root }: TreeHead,
  tiles: readonly Uint8Array[],
  hash: Sha256 = sha256,
): OpenTiles | undefined {
  const levels: Hash[][] = [];
  for (const [at, { level, width }] of partialTiles(size).entries()) {
    const bytes = tiles[at];
    if (bytes?.length !== 32 * width) return undefined;
    while (levels.length < Number(level)) levels.push([]);
    levels.push(Array.from({ length: width }, (_, hash) => bytes.slice(32 * hash, 32 * (hash + 1))));
  }
  const found: OpenTiles = { size, levels };
  const computed = treeAccumulator(hash, undefined, { size, peaks: peaksOf(found, hash) }).root();
  return equalBytes(computed, root) ? found : undefined;
}
