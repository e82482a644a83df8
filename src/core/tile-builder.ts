import { type Hash, type Sha256, sha256 } from "./hash.ts";
import { hashLog } from "./hash-log.ts";
import { leafHash } from "./merkle.ts";
import type { TreeHead } from "./merkle-proof.ts";
import { entryBundle, fullWidth, type TileFile, type TileName, tilePath } from "./tiles.ts";
import { hashBytes, treeHashing } from "./tree-hashing.ts";

/** A tiled log under construction. Holds one open tile a level, however many entries it has. */
export interface TileBuilder {
  /** The entry, at most 65,535 bytes, is kept as it is until its bundle is handed out. @returns its leaf hash */
  append(entry: Uint8Array): Hash;
  /** Hands out the partial tiles; nothing may be appended afterwards. */
  finish(): TreeHead;
}

/**
 * Builds all files of a log in one pass. Full tiles are handed out when they are complete, partial ones at the end.
 *
 * @param emit - takes each file once; it may keep the bytes
 */
export function tileBuilder(emit: (file: TileFile) => void, hash: Sha256 = sha256): TileBuilder {
  let entries: Uint8Array[] = [];
  const leaves = new Uint8Array(fullWidth * hashBytes);
  const log = hashLog((file) => {
    emit(file);
    const { level, index, width } = file;
    if (level !== 0) return;
    const name: TileName = { level: "entries", index, width };
    emit({ ...name, path: tilePath(name), bytes: entryBundle(entries) });
    entries = [];
  }, treeHashing(hash));
  const flush = (): void => log.append(leaves.subarray(0, entries.length * hashBytes));
  return {
    append(entry) {
      const leaf = leafHash(entry, hash);
      leaves.set(leaf, entries.length * hashBytes);
      if (entries.push(entry) === fullWidth) flush();
      return leaf;
    },
    finish() {
      flush();
      return log.finish();
    },
  };
}
