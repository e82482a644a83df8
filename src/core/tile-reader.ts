import { SettlementError } from "./error.ts";
import type { HashReader } from "./merkle-proof.ts";
import { fullWidth, type TileName, tilePath, tileWidth } from "./tiles.ts";
import { foldedRoot, hashBytes, type TreeHashing, treeHashing } from "./tree-hashing.ts";

/** Which tile holds the node `index` of a height, and which of its hashes the node stands over. */
function placeOf(height: number, index: number): { level: number; tile: number; from: number; count: number } {
  const level = Math.floor(height / 8);
  const count = 2 ** (height - 8 * level);
  const tile = Math.floor((index * count) / fullWidth);
  return { level, tile, from: index * count - tile * fullWidth, count };
}

/** The same in a log of `size` leaves. @throws SettlementError `TREE_POSITION_INVALID` */
function tileOf(size: number, height: number, index: number): { name: TileName; from: number; count: number } {
  const { level, tile, from, count } = placeOf(height, index);
  const name = { level, index: tile, width: tileWidth(level, tile, size) };
  if (from + count <= name.width) return { name, from, count };
  throw new SettlementError(
    "TREE_POSITION_INVALID",
    `no complete subtree of level ${height} at ${index} among ${size} leaves`,
  );
}

function requireTile(name: TileName, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 32 * name.width) return bytes;
  throw new SettlementError(
    "TILE_MALFORMED",
    `${tilePath(name)} must be ${32 * name.width} bytes, not ${bytes.length}`,
  );
}

/**
 * Reads nodes out of the tiles of a log of `size` leaves; each tile is read once. Tiles are taken at their word: verify
 * what is made of them against the log's root, as every proof can be. Proofs for a smaller size can be read too.
 *
 * @param readTile - bytes of the file at a path; its errors pass through
 * @throws SettlementError from the reader: `TREE_POSITION_INVALID` beyond `size`, `TILE_MALFORMED` for a tile of another width
 */
export function tileReader(
  size: number,
  readTile: (path: string) => Uint8Array,
  hashing: TreeHashing = treeHashing(),
): HashReader {
  const tiles = new Map<string, Uint8Array>();
  return (height, index) => {
    const { name, from, count } = tileOf(size, height, index);
    const path = tilePath(name);
    const bytes = tiles.get(path) ?? requireTile(name, readTile(path));
    tiles.set(path, bytes);
    // A Buffer's own slice would not copy.
    return foldedRoot(Uint8Array.from(bytes.subarray(hashBytes * from, hashBytes * (from + count))), hashing);
  };
}

/**
 * What `prove` makes of the tiles of a log of `size` leaves, where tiles are read asynchronously: all those it needs, and
 * no others, at once.
 *
 * @param prove - called twice, the first time with hashes of zeros, and must ask for the same nodes both times: as
 * `inclusionPath`, `consistencyProof` and `rootOfSize` do
 */
export async function proveFromTiles<T>(
  size: number,
  readTile: (path: string) => Promise<Uint8Array>,
  prove: (hashes: HashReader) => T,
  hashing: TreeHashing = treeHashing(),
): Promise<T> {
  const wanted = new Set<string>();
  const nothing = new Uint8Array(32);
  prove((height, index) => {
    wanted.add(tilePath(tileOf(size, height, index).name));
    return nothing;
  });
  const read = new Map(await Promise.all(Array.from(wanted, async (path) => [path, await readTile(path)] as const)));
  return prove(tileReader(size, (path) => read.get(path) ?? new Uint8Array(), hashing));
}
