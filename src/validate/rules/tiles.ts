import { equalBytes } from "../../core/bytes.ts";
import { type TileFile, tileBuilder } from "../../core/tiles.ts";
import type { RuleContext } from "../rule.ts";

/** Tiles of a closed month, as many as there are, hold what its events make of them. */
export async function judgeTiles({ closed, ledger, sha256, sink }: RuleContext): Promise<void> {
  for (const { month, folder } of closed.months) {
    const paths = [...ledger.tree.keys()].filter((path) => path.startsWith(`${folder}tile/`));
    if (paths.length === 0) continue;
    const expected = new Map<string, TileFile>();
    const tiles = tileBuilder((tile) => expected.set(folder + tile.path, tile), sha256);
    const leaves = closed.leaves.get(month);
    for (let at = 0; at < (leaves?.count ?? 0); at++) tiles.append(leaves?.id(at).slice() ?? new Uint8Array());
    tiles.finish();
    for (const file of paths.filter((path) => ledger.tree.get(path)?.kind !== "folder")) {
      const tile = expected.get(file);
      const bytes = await ledger.read(file);
      if (tile && bytes && equalBytes(bytes, tile.bytes)) continue;
      sink.add(
        "TILE_MISMATCH",
        { file },
        tile ? "its hashes are not those of the events" : `${month} has no such tile`,
      );
    }
  }
}
