import { equalBytes } from "../../core/bytes.ts";
import { hashLog } from "../../core/hash-log.ts";
import { emptyLog, type OpenTiles, openTiles } from "../../core/open-tiles.ts";
import { tileBuilder } from "../../core/tile-builder.ts";
import { fullWidth, partialTiles, tilePath } from "../../core/tiles.ts";
import { hashBytes } from "../../core/tree-hashing.ts";
import { type ClosedMonth, idsOf, type MonthLeaves } from "../closed-months.ts";
import type { RuleContext } from "../rule.ts";

/** Files that a month's events make, by path. */
type Made = Map<string, Uint8Array>;

/**
 * Tiles of a closed month, of its own log and of the ledger log, as many as there are, hold what its events and those
 * before it make of them.
 */
export async function judgeTiles(context: RuleContext): Promise<void> {
  const { closed, ledger } = context;
  const hasLedgerTiles = [...ledger.tree.keys()].some((path) => path.includes("/ledger-tile/"));
  let before: OpenTiles | undefined = emptyLog;
  for (const published of closed.months) {
    const { month, folder } = published;
    const leaves = closed.leaves.get(month);
    const hasTiles = [...ledger.tree.keys()].some((path) => path.startsWith(`${folder}tile/`));
    if (hasTiles) await compare(published, "tile/", monthTiles(leaves, context), context);
    if (!hasLedgerTiles || !before) continue;
    const { made, after } = ledgerTiles(leaves, before, context);
    await compare(published, "ledger-tile/", made, context);
    before = after;
  }
}

function monthTiles(leaves: MonthLeaves | undefined, { sha256 }: RuleContext): Made {
  const made: Made = new Map();
  const tiles = tileBuilder(({ path, bytes }) => made.set(path, bytes), sha256);
  for (let at = 0; at < (leaves?.count ?? 0); at++) tiles.append(leaves?.id(at).slice() ?? new Uint8Array());
  tiles.finish();
  return made;
}

function ledgerTiles(
  leaves: MonthLeaves | undefined,
  before: OpenTiles,
  { hashing }: RuleContext,
): { readonly made: Made; readonly after: OpenTiles | undefined } {
  const made: Made = new Map();
  const log = hashLog(({ path, bytes }) => made.set(path, bytes), hashing, before);
  const hashes = new Uint8Array(fullWidth * hashBytes);
  for (const ids of idsOf(leaves)) {
    const known = hashes.subarray(0, ids.length);
    hashing.leaves(ids, known);
    log.append(known);
  }
  const head = log.finish();
  const partial = partialTiles(head.size).map((tile) => made.get(tilePath(tile)) ?? new Uint8Array());
  const named: Made = new Map([...made].map(([path, bytes]) => [`ledger-${path}`, bytes]));
  return { made: named, after: openTiles(head, partial, hashing) };
}

async function compare(
  { month, folder }: ClosedMonth,
  prefix: string,
  made: Made,
  { ledger, sink }: RuleContext,
): Promise<void> {
  for (const [path, { kind }] of ledger.tree) {
    if (!path.startsWith(folder + prefix) || kind === "folder") continue;
    const expected = made.get(path.slice(folder.length));
    const bytes = expected && (await ledger.read(path));
    if (expected && bytes && equalBytes(bytes, expected)) continue;
    const why = expected ? "its hashes are not those of the events" : `${month} has no such tile`;
    sink.add("TILE_MISMATCH", { file: path }, why);
  }
}
