import { hashLog } from "./hash-log.ts";
import type { TreeHead } from "./merkle-proof.ts";
import { emptyLog, type OpenTiles } from "./open-tiles.ts";
import { fullWidth, type TileFile, type TileName, tilePath } from "./tiles.ts";
import { hashBytes, type TreeHashing } from "./tree-hashing.ts";

/** The two logs that grow while a month is gone through: its own, and that of the ledger. */
interface MonthLogs {
  /**
   * @param entries - 32 bytes each
   * @param leaves - their leaf hashes, where they are known; made once for both logs otherwise
   */
  append(entries: Uint8Array, leaves?: Uint8Array): void;
  /** Hands out the partial tiles; nothing may be appended afterwards. */
  finish(): { readonly month: TreeHead; readonly ledger: TreeHead };
}

/** Who takes the tiles of each log; they may keep the bytes. */
export interface MonthLogListeners {
  readonly onTile?: ((tile: TileFile) => void) | undefined;
  readonly onLedgerTile?: ((tile: TileFile) => void) | undefined;
}

/** @param start - the ledger log as the month before has left it */
export type NewMonthLogs = (start: OpenTiles, listeners: MonthLogListeners) => MonthLogs;

const tileBytes = fullWidth * hashBytes;

/** Both logs by a hashing of their trees. */
export function monthLogs(hashing: TreeHashing): NewMonthLogs {
  const ignore = (): void => undefined;
  return (start, { onTile = ignore, onLedgerTile = ignore }) => {
    const [held, leaves] = [new Uint8Array(tileBytes), new Uint8Array(tileBytes)];
    let heldBytes = 0;
    const handOut = (tile: TileFile): void => {
      onTile(tile);
      if (tile.level !== 0) return;
      const name: TileName = { level: "entries", index: tile.index, width: tile.width };
      onTile({ ...name, path: tilePath(name), bytes: bundleOf(held.subarray(0, heldBytes)) });
      heldBytes = 0;
    };
    const own = hashLog(handOut, hashing, emptyLog);
    const whole = hashLog(onLedgerTile, hashing, start);
    return {
      append(entries, known) {
        for (let at = 0; at < entries.length;) {
          const part = entries.subarray(at, at + tileBytes - heldBytes);
          const hashes = known?.subarray(at, at + part.length) ?? leaves.subarray(0, part.length);
          if (!known) hashing.leaves(part, hashes);
          held.set(part, heldBytes);
          heldBytes += part.length;
          own.append(hashes);
          whole.append(hashes);
          at += part.length;
        }
      },
      finish: () => ({ month: own.finish(), ledger: whole.finish() }),
    };
  };
}

/** The bundle of entries of 32 bytes, each behind its length. */
function bundleOf(entries: Uint8Array): Uint8Array {
  const width = entries.length / hashBytes;
  const bundle = new Uint8Array(width * (hashBytes + 2));
  for (let entry = 0; entry < width; entry++) {
    const to = entry * (hashBytes + 2);
    bundle[to + 1] = hashBytes;
    bundle.set(entries.subarray(entry * hashBytes, (entry + 1) * hashBytes), to + 2);
  }
  return bundle;
}
