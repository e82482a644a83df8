import type { NodeHashing } from "./merkle.ts";
import type { TreeHead } from "./merkle-proof.ts";
import type { TileFile } from "./tiles.ts";
import { hashTileBuilder, type OpenTiles, tileBuilder } from "./tile-builder.ts";

/** The two logs that grow while a month is gone through: its own, and that of the ledger. */
interface MonthLogs {
  /** The entry is kept as it is until its bundle is handed out, and hashed once for both logs. */
  append(entry: Uint8Array): void;
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

/** Both logs by a hashing of their nodes. */
export function monthLogs<T>(hashing: NodeHashing<T>): NewMonthLogs {
  const ignore = (): void => undefined;
  return (start, { onTile = ignore, onLedgerTile = ignore }) => {
    const own = tileBuilder(onTile, hashing);
    const whole = hashTileBuilder(onLedgerTile, hashing, start);
    return {
      append: (entry) => whole.append(own.append(entry)),
      finish: () => ({ month: own.finish(), ledger: whole.finish() }),
    };
  };
}
