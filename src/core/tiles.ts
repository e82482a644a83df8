import { concatBytes, uintBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { requirePositions } from "./merkle-proof.ts";

/** Hashes in a full tile: tiles are 8 levels high. */
export const fullWidth = 256;

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
