import { indexFiles } from "../core/event-index.ts";
import type { Month } from "../core/month.ts";
import { newTiles, tilePath, tilesOfSize } from "../core/tiles.ts";
import { ledgerLogBefore, type LedgerLogDeps, ledgerTileName } from "./ledger-tiles.ts";
import type { LedgerOutline } from "./ledger-view.ts";
import { type DerivedDeps, writeDerived } from "./write-derived.ts";

/**
 * Makes again what is missing of a closed month and follows from its events: tiles, and what finds the events.
 *
 * @returns files that were missing
 * @throws SettlementError `LEDGER_REFUTED`, `ARCHIVE_CONFLICT` when the events are not those that were closed
 */
export async function completeDerived(
  view: LedgerOutline,
  month: Month,
  deps: DerivedDeps & LedgerLogDeps,
): Promise<number> {
  const { archive } = deps;
  const size = view.byMonth.get(month)?.manifest?.count ?? 0;
  const before = view.closed.findLast((each) => each.month < month)?.evidence?.s ?? 0;
  const names = [
    ...Object.values(indexFiles),
    ...Array.from(tilesOfSize(size), tilePath),
    ...newTiles(before, before + size).map((tile) => ledgerTileName({ path: tilePath(tile) })),
  ];
  let missing = 0;
  for (const name of names) if ((await archive.part(month, name, 0, 1)) === undefined) missing++;
  if (missing > 0) await writeDerived({ view, month, start: await ledgerLogBefore(view, month, deps) }, deps);
  return missing;
}
