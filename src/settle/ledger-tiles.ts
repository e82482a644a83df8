import { fromHex, fromUtf8 } from "../core/bytes.ts";
import { openCheckpoint } from "../core/checkpoint.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import { hashLog } from "../core/hash-log.ts";
import type { HashReader } from "../core/merkle-proof.ts";
import type { Month } from "../core/month.ts";
import { makeVkey, type NoteSigner } from "../core/note.ts";
import { emptyLog, openTiles, type OpenTiles } from "../core/open-tiles.ts";
import { entryBundle, parseEntryBundle, parseTilePath, partialTiles, tilePath, tileWidth } from "../core/tiles.ts";
import { proveFromTiles } from "../core/tile-reader.ts";
import { type TreeHashing, treeHashing } from "../core/tree-hashing.ts";
import type { Archive, Ledger } from "../ports.ts";
import type { LedgerOutline } from "./ledger-view.ts";
import { type ClosedFacts, withoutIndex } from "./list-scan.ts";
import { runsOf, scanMonth } from "./month-scan.ts";

/**
 * The ledger log in tiles: each closed month holds those that became full with it, and the partial ones of its close, as
 * `ledger-tile/…` of its folder.
 */
export function ledgerTileName(tile: { readonly path: string }): string {
  return `ledger-${tile.path}`;
}

export interface LedgerLogDeps {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly sha256: Sha256;
  readonly verify: VerifySignature;
  /** The settlement key. Who has none goes by the events alone. */
  readonly key?: Pick<NoteSigner, "publicKey">;
}

/**
 * The ledger log before a month, to go on with: by the tiles of the month that was closed last, where this node's key has
 * signed what they hash to, or else by every event before.
 *
 * @throws SettlementError `LEDGER_REFUTED` when the events of closed months do not have the root that was published
 */
export async function ledgerLogBefore(view: LedgerOutline, month: Month, deps: LedgerLogDeps): Promise<OpenTiles> {
  const before = view.closed.filter((each) => each.month < month);
  const last = before.at(-1);
  if (!last?.evidence) return emptyLog;
  return (await signedTiles(last, deps)) ?? rebuiltTiles(view, before, deps);
}

async function signedTiles({ month, evidence }: ClosedFacts, deps: LedgerLogDeps): Promise<OpenTiles | undefined> {
  const { archive, sha256, verify, key } = deps;
  const note = key && (await archive.read(month, "ledger-checkpoint"));
  if (!evidence || !note) return undefined;
  const head = { size: evidence.s, root: fromHex(evidence.l) };
  try {
    const signed = openCheckpoint(fromUtf8(note), [makeVkey(evidence.o, key.publicKey)], verify);
    if (signed.size !== head.size || signed.origin !== evidence.o) return undefined;
    const tiles = await Promise.all(
      partialTiles(head.size).map((tile) => archive.read(month, ledgerTileName({ path: tilePath(tile) }))),
    );
    return openTiles(
      { ...head, root: signed.root },
      tiles.flatMap((bytes) => bytes ?? []),
      treeHashing(sha256),
    );
  } catch (error) {
    // Another key has signed it, an older one perhaps: the events say the same, and take longer.
    if (error instanceof SettlementError && error.kind !== "unavailable") return undefined;
    throw error;
  }
}

async function rebuiltTiles(
  view: LedgerOutline,
  before: readonly ClosedFacts[],
  { ledger, sha256 }: LedgerLogDeps,
): Promise<OpenTiles> {
  const partial = new Map<string, Uint8Array>();
  const hashing = treeHashing(sha256);
  const log = hashLog(({ path, width, bytes }) => {
    if (width < 256) partial.set(path, bytes);
  }, hashing);
  for (const { month } of view.partitions) {
    if (month > (before.at(-1)?.month ?? "")) break;
    for await (const { events, picks } of scanMonth(withoutIndex(view), month, ledger)) {
      for (const [from, to] of runsOf(picks)) {
        const leaves = new Uint8Array(32 * (to - from));
        hashing.leaves(events.ids.subarray(32 * from, 32 * to), leaves);
        log.append(leaves);
      }
    }
  }
  const head = log.finish();
  const evidence = before.at(-1)?.evidence;
  const tiles = partialTiles(head.size).flatMap((tile) => partial.get(tilePath(tile)) ?? []);
  const found =
    evidence?.s === head.size ? openTiles({ size: evidence.s, root: fromHex(evidence.l) }, tiles, hashing) : undefined;
  if (found) return found;
  throw new SettlementError(
    "LEDGER_REFUTED",
    `the events up to ${before.at(-1)?.month} do not have the ledger root that was published with it: the ledger was altered after the close; settlement validate says where`,
  );
}

/** A tile of the ledger log at the size of any close; undefined when no month holds it. @throws SettlementError `TILE_PATH_MALFORMED` */
export async function readLedgerTile(
  closed: readonly ClosedFacts[],
  archive: Archive,
  path: string,
): Promise<Uint8Array | undefined> {
  const { level: named, index, width } = parseTilePath(path);
  const level = named === "entries" ? 0 : named;
  const end = (index * 256 + width) * 256 ** level;
  // A full tile came with the first close that filled it, a partial one with each close at which it was as wide as that.
  const holds = ({ evidence }: ClosedFacts): boolean =>
    width < 256 ? tileWidth(level, index, evidence?.s ?? 0) === width : (evidence?.s ?? 0) >= end;
  const holder = closed.find(holds);
  if (holder && named === "entries") return ledgerEntries(closed, archive, end - width, end);
  return holder && archive.read(holder.month, ledgerTileName({ path }));
}

/** The entries of a stretch of the ledger log, put together from those of the months. */
async function ledgerEntries(
  closed: readonly ClosedFacts[],
  archive: Archive,
  from: number,
  to: number,
): Promise<Uint8Array | undefined> {
  const entries: Uint8Array[] = [];
  for (const { month, manifest, evidence } of closed) {
    const count = manifest?.count ?? 0;
    const start = (evidence?.s ?? 0) - count;
    const [first, last] = [Math.max(from - start, 0), Math.min(to - start, count)];
    for (let index = Math.floor(first / 256); index * 256 < last; index++) {
      const width = tileWidth(0, index, count);
      const bytes = await archive.read(month, tilePath({ level: "entries", index, width }));
      if (!bytes) return undefined;
      entries.push(...parseEntryBundle(bytes, width).slice(Math.max(first - index * 256, 0), last - index * 256));
    }
  }
  return entries.length === to - from ? entryBundle(entries) : undefined;
}

/**
 * What `prove` makes of the ledger log of closed months: as `proveFromTiles`, by the tiles of the months.
 *
 * @returns undefined when a tile is missing
 */
export async function proveFromLedgerTiles<T>(
  closed: readonly ClosedFacts[],
  archive: Archive,
  prove: (hashes: HashReader) => T,
  hashing: TreeHashing,
): Promise<T | undefined> {
  const size = closed.at(-1)?.evidence?.s ?? 0;
  const missing = new Error("a tile is missing");
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = await readLedgerTile(closed, archive, path);
    if (!bytes) throw missing;
    return bytes;
  };
  try {
    return await proveFromTiles(size, read, prove, hashing);
  } catch (error) {
    if (error === missing) return undefined;
    throw error;
  }
}
