import { concatBytes } from "./bytes.ts";
import { emptyRoot } from "./merkle.ts";
import type { TreeHead } from "./merkle-proof.ts";
import type { OpenTiles } from "./tile-builder.ts";
import { fullWidth, type TileFile, type TileName, tilePath } from "./tiles.ts";
import { foldedRoot, hashBytes, type TreeHashing } from "./tree-hashing.ts";

/** A log under construction that takes many leaves at once. Holds one open tile a level. */
export interface HashLog {
  /** @param leaves - leaf hashes, 32 bytes each */
  append(leaves: Uint8Array): void;
  /** Hands out the partial tiles; nothing may be appended afterwards. */
  finish(): TreeHead;
}

interface OpenTile {
  readonly hashes: Uint8Array;
  width: number;
  index: number;
}

/**
 * What `hashTileBuilder` does leaf by leaf, tile by tile.
 *
 * @param emit - takes each tile that was not full before, once; it may keep the bytes
 * @param from - the log that is gone on with
 */
export function hashLog(emit: (file: TileFile) => void, hashing: TreeHashing, from: OpenTiles): HashLog {
  const tiles = from.levels.map(newTile);
  let { size } = from;

  function newTile(held: readonly Uint8Array[], level: number): OpenTile {
    const hashes = new Uint8Array(fullWidth * hashBytes);
    hashes.set(concatBytes(...held));
    return { hashes, width: held.length, index: Math.floor(from.size / fullWidth ** (level + 1)) };
  }

  const handOut = ({ hashes, width, index }: OpenTile, level: number): void => {
    const name: TileName = { level, index, width };
    emit({ ...name, path: tilePath(name), bytes: hashes.slice(0, width * hashBytes) });
  };

  const add = (hashes: Uint8Array, level: number): void => {
    const tile = (tiles[level] ??= newTile([], level));
    tile.hashes.set(hashes, tile.width * hashBytes);
    tile.width += hashes.length / hashBytes;
    if (tile.width < fullWidth) return;
    handOut(tile, level);
    tile.width = 0;
    tile.index++;
    add(foldedRoot(tile.hashes, hashing), level + 1);
  };

  return {
    append(leaves) {
      for (let at = 0; at < leaves.length;) {
        const room = (fullWidth - (tiles[0]?.width ?? 0)) * hashBytes;
        add(leaves.subarray(at, at + room), 0);
        at += room;
      }
      size += leaves.length / hashBytes;
    },
    finish() {
      let root: Uint8Array = new Uint8Array();
      for (const [level, tile] of tiles.entries()) {
        if (tile.width > 0) handOut(tile, level);
        // What no full tile holds is the last and lone node of the level above.
        const nodes = concatBytes(tile.hashes.subarray(0, tile.width * hashBytes), root);
        root = nodes.length > 0 ? foldedRoot(nodes, hashing) : root;
      }
      return { size, root: root.length > 0 ? root : emptyRoot() };
    },
  };
}
