import type { TreeHead } from "./merkle-proof.ts";
import { emptyLog, type OpenTiles, rootOfOpenTiles } from "./open-tiles.ts";
import { fullWidth, type TileFile, type TileName, tilePath } from "./tiles.ts";
import { foldedRoot, hashBytes, type TreeHashing, treeHashing } from "./tree-hashing.ts";

/** A log under construction of which the hashes alone are kept. Holds one open tile a level, however many leaves it has. */
export interface HashLog {
  /** @param leaves - leaf hashes, 32 bytes each, which are copied; soonest with many at once */
  append(leaves: Uint8Array): void;
  /** Of the leaves so far; more may follow. */
  head(): TreeHead;
  /** Hands out the partial tiles; nothing may be appended afterwards. */
  finish(): TreeHead;
}

interface OpenTile {
  readonly hashes: Uint8Array;
  width: number;
  index: number;
}

/**
 * The tiles of a log without its entries. Full tiles are handed out when they are complete, partial ones at the end.
 *
 * @param emit - takes each tile that was not full before, once; it may keep the bytes
 * @param from - the log that is gone on with; an empty one when left out
 */
export function hashLog(
  emit: (file: TileFile) => void,
  hashing: TreeHashing = treeHashing(),
  from: OpenTiles = emptyLog,
): HashLog {
  const tiles = from.levels.map(newTile);
  let { size } = from;

  function newTile(held: Uint8Array, level: number): OpenTile {
    const hashes = new Uint8Array(fullWidth * hashBytes);
    hashes.set(held);
    return { hashes, width: held.length / hashBytes, index: Math.floor(from.size / fullWidth ** (level + 1)) };
  }

  const heldIn = ({ hashes, width }: OpenTile): Uint8Array => hashes.subarray(0, width * hashBytes);

  const handOut = (tile: OpenTile, level: number): void => {
    const name: TileName = { level, index: tile.index, width: tile.width };
    emit({ ...name, path: tilePath(name), bytes: heldIn(tile).slice() });
  };

  const add = (hashes: Uint8Array, level: number): void => {
    const tile = (tiles[level] ??= newTile(new Uint8Array(), level));
    tile.hashes.set(hashes, tile.width * hashBytes);
    tile.width += hashes.length / hashBytes;
    if (tile.width < fullWidth) return;
    handOut(tile, level);
    tile.width = 0;
    tile.index++;
    add(foldedRoot(tile.hashes, hashing), level + 1);
  };

  const head = (): TreeHead => ({ size, root: rootOfOpenTiles(tiles.map(heldIn), hashing) });

  return {
    head,
    append(leaves) {
      for (let at = 0; at < leaves.length;) {
        const room = (fullWidth - (tiles[0]?.width ?? 0)) * hashBytes;
        add(leaves.subarray(at, at + room), 0);
        at += room;
      }
      size += leaves.length / hashBytes;
    },
    finish() {
      for (const [level, tile] of tiles.entries()) if (tile.width > 0) handOut(tile, level);
      return head();
    },
  };
}
