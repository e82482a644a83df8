import { equalBytes, fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { idBytes } from "../core/event.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { leafHash } from "../core/merkle.ts";
import {
  type HashReader,
  inclusionPath,
  type InclusionProof,
  memoryTree,
  rootFromInclusion,
} from "../core/merkle-proof.ts";
import type { Month } from "../core/month.ts";
import { proveFromTiles } from "../core/tile-reader.ts";
import { type TreeHashing, treeHashing } from "../core/tree-hashing.ts";
import type { Archive, Ledger } from "../ports.ts";
import type { LedgerView } from "./ledger-view.ts";
import { scanMonth } from "./month-scan.ts";

export interface TreeDeps {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly sha256: Sha256;
  /** Does the same many at once. */
  readonly hashing?: TreeHashing;
}

/** The log of a closed month. */
export interface MonthTree {
  readonly month: Month;
  /** Lower-case hex. */
  readonly root: string;
  readonly size: number;
}

/**
 * What `prove` makes of the log of a closed month: by its tiles, or by all its events where a tile is missing or what
 * comes of them is not accepted.
 *
 * @param prove - as that of `proveFromTiles`
 */
export async function proveFromMonth<T>(
  view: LedgerView,
  { month, size }: Omit<MonthTree, "root">,
  { ledger, archive, sha256, hashing = treeHashing(sha256) }: TreeDeps,
  prove: (hashes: HashReader) => T,
  accept: (proven: T) => boolean,
): Promise<T | undefined> {
  const readTile = async (path: string): Promise<Uint8Array> => {
    const bytes = await archive.read(month, path);
    if (bytes) return bytes;
    throw new SettlementError("TILE_NOT_FOUND", `anchors/${month}/${path} is missing`);
  };
  try {
    const proven = await proveFromTiles(size, readTile, prove, hashing);
    if (accept(proven)) return proven;
  } catch (error) {
    if (!(error instanceof SettlementError) || error.kind === "unavailable") throw error;
  }
  const leaves: Hash[] = [];
  for await (const { events, picks } of scanMonth(view, month, ledger)) {
    for (const at of picks) leaves.push(leafHash(events.ids.subarray(32 * at, 32 * (at + 1)), sha256));
  }
  if (leaves.length !== size) return undefined;
  const proven = prove(memoryTree(leaves, sha256));
  return accept(proven) ? proven : undefined;
}

/** Inclusion of an event in a closed month. @throws SettlementError `LEDGER_REFUTED` when it does not lead to the root */
export async function proveLeaf(
  view: LedgerView,
  tree: MonthTree,
  leaf: { readonly index: number; readonly id: string },
  deps: TreeDeps,
): Promise<InclusionProof> {
  const { month, root, size } = tree;
  const { index, id } = leaf;
  const { sha256 } = deps;
  const entry = leafHash(idBytes(id), sha256);
  const leadsToRoot = ({ path }: InclusionProof): boolean =>
    equalBytes(rootFromInclusion(entry, index, size, path, sha256), fromHex(root));
  const pathIn = (hashes: HashReader): InclusionProof => ({
    index,
    size,
    path: inclusionPath(index, size, hashes, sha256),
  });
  const proof = await proveFromMonth(view, tree, deps, pathIn, leadsToRoot);
  if (proof) return proof;
  throw new SettlementError(
    "LEDGER_REFUTED",
    `event ${id} at leaf ${index} of ${month} does not lead to the root ${root} that was published: the ledger was altered after the close`,
  );
}
