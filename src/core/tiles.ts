import { concatBytes, equalBytes, uintBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { type Hash, type Sha256, sha256 } from "./hash.ts";
import { type NodeHashing, nodeHashing, rootOf, treeAccumulator, treeBuilder } from "./merkle.ts";
import { type HashReader, requirePositions, type TreeHead } from "./merkle-proof.ts";

/** Hashes in a full tile: tiles are 8 levels high. */
const fullWidth = 256;

/** A file of a C2SP tlog-tiles log. `level` is `entries` for the bundle of entries below tile `index` of level 0. */
export interface TileName {
  readonly level: number | "entries";
  readonly index: number;
  /** Number of hashes or entries in it, 1 to 256; below 256 it is a partial tile. */
  readonly width: number;
}

export interface TileFile extends TileName {
  /** `tile/<level>/<index>[.p/<width>]` */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Path of a tile below the prefix of its log. @throws SettlementError `TREE_POSITION_INVALID` */
export function tilePath({ level, index, width }: TileName): string {
  requirePositions({ index, width, level: level === "entries" ? 0 : level });
  if (width < 1 || width > fullWidth || (level !== "entries" && level > 63)) {
    throw new SettlementError("TREE_POSITION_INVALID", `no tile is ${width} wide at level ${level}`);
  }
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${name}${width < fullWidth ? `.p/${width}` : ""}`;
}

/** The tile of a path; only the one spelling that {@link tilePath} gives is taken. @throws SettlementError `TILE_PATH_MALFORMED` */
export function parseTilePath(path: string): TileName {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const [, level = "", name = "", width = fullWidth] = match ?? [];
  const tile: TileName = {
    level: level === "entries" ? level : Number(level),
    index: Number(name.replace(/[x/]/g, "")),
    width: Number(width),
  };
  if (!match || !isSpelling(path, tile)) {
    throw new SettlementError(
      "TILE_PATH_MALFORMED",
      `${JSON.stringify(path.slice(0, 60))} is not the path of a tile, such as tile/0/x001/067 or tile/1/000.p/17`,
    );
  }
  return tile;
}

function isSpelling(path: string, tile: TileName): boolean {
  try {
    return tilePath(tile) === path;
  } catch {
    return false;
  }
}

/** Width of tile `index` of a level in a log of `size` leaves; 0 where there is no such tile. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / fullWidth ** level);
  return Math.max(0, Math.min(fullWidth, hashes - index * fullWidth));
}

/** Every file that a log of exactly this size holds: level by level, a tile of level 0 followed by its entries. */
export function* tilesOfSize(size: number): Generator<TileName> {
  requirePositions({ size });
  for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
    for (let index = 0; ; index++) {
      const width = tileWidth(level, index, size);
      if (width === 0) break;
      yield { level, index, width };
      if (level === 0) yield { level: "entries", index, width };
    }
  }
}

/** Entries one after the other, each behind its length in two bytes. Each is at most 65,535 bytes. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...entries.flatMap((entry) => [uintBytes(entry.length, 2), entry]));
}

/** The entries of a bundle that must hold `width` of them. @throws SettlementError `TILE_MALFORMED` */
export function parseEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length && entries.length < width) {
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) break;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (entries.length === width && at === bytes.length) return entries;
  throw new SettlementError(
    "TILE_MALFORMED",
    `the bundle does not hold exactly ${width} whole entries in its ${bytes.length} bytes`,
  );
}

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

/** Tiles of hashes that a log has at a size and had not, or not in full, at a smaller one. */
export function newTiles(oldSize: number, size: number): readonly TileName[] {
  requirePositions({ oldSize, size });
  const names: TileName[] = [];
  for (let level = 0; tileWidth(level, 0, size) > 0; level++) {
    const old = Math.floor(oldSize / fullWidth ** level);
    for (let index = Math.floor(old / fullWidth); ; index++) {
      const width = tileWidth(level, index, size);
      if (width === 0) break;
      names.push({ level, index, width });
    }
  }
  return names;
}

/** Partial tiles of a log of this size, lowest level first. */
export function partialTiles(size: number): readonly TileName[] {
  requirePositions({ size });
  const names: TileName[] = [];
  for (let level = 0; Math.floor(size / fullWidth ** level) > 0; level++) {
    const index = Math.floor(size / fullWidth ** (level + 1));
    const width = tileWidth(level, index, size);
    if (width > 0) names.push({ level, index, width });
  }
  return names;
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
export function tileReader(size: number, readTile: (path: string) => Uint8Array, hash: Sha256 = sha256): HashReader {
  const tiles = new Map<string, Uint8Array>();
  return (height, index) => {
    const { name, from, count } = tileOf(size, height, index);
    const path = tilePath(name);
    const bytes = tiles.get(path) ?? requireTile(name, readTile(path));
    tiles.set(path, bytes);
    const nodes = Array.from({ length: count }, (_, at) => bytes.subarray(32 * (from + at), 32 * (from + at + 1)));
    return rootOf(nodes, hash);
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
  hash: Sha256 = sha256,
): Promise<T> {
  const wanted = new Set<string>();
  const nothing = new Uint8Array(32);
  prove((height, index) => {
    wanted.add(tilePath(tileOf(size, height, index).name));
    return nothing;
  });
  const read = new Map(await Promise.all(Array.from(wanted, async (path) => [path, await readTile(path)] as const)));
  return prove(tileReader(size, (path) => read.get(path) ?? new Uint8Array(), hash));
}
