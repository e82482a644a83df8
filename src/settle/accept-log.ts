import { SettlementError } from "../core/error.ts";
import { idBytes } from "../core/event.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { oldestOpenMonth } from "../core/membership.ts";
import { leafHash, treeAccumulator } from "../core/merkle.ts";
import type { HashReader } from "../core/merkle-proof.ts";
import type { Month } from "../core/month.ts";
import { ledgerOrigin, monthOrigin } from "../core/settlement-info.ts";

/** A log that grows in memory: about 200 bytes a leaf. */
export interface GrowingLog {
  readonly origin: string;
  readonly size: number;
  /** @returns the index of the new leaf */
  append(id: string): number;
  indexOf(id: string): number | undefined;
  root(): Hash;
  /** For proofs at any size up to this one. */
  readonly hashes: HashReader;
}

export function growingLog(origin: string, sha256: Sha256): GrowingLog {
  const indexes = new Map<string, number>();
  const levels: { bytes: Uint8Array; count: number }[] = [];
  const tree = treeAccumulator(sha256, (level, _, node) => {
    const hashes = (levels[level] ??= { bytes: new Uint8Array(1024), count: 0 });
    const at = 32 * hashes.count++;
    if (at === hashes.bytes.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(hashes.bytes);
      hashes.bytes = larger;
    }
    hashes.bytes.set(node, at);
  });
  return {
    origin,
    get size() {
      return tree.size;
    },
    append(id) {
      const index = tree.size;
      tree.append(leafHash(idBytes(id), sha256));
      indexes.set(id, index);
      return index;
    },
    indexOf: (id) => indexes.get(id),
    root: () => tree.root(),
    hashes(level, index) {
      const hashes = levels[level];
      if (hashes && index < hashes.count) return hashes.bytes.slice(32 * index, 32 * (index + 1));
      throw new SettlementError(
        "TREE_POSITION_INVALID",
        `no complete subtree of level ${level} at ${index} among ${tree.size} leaves`,
      );
    },
  };
}

/** Events of each month in leaf order, and which months are closed. */
export interface LogSource {
  readonly host: string;
  readonly partitions: ReadonlyMap<Month, readonly { readonly id: string }[]>;
  readonly closed: readonly Month[];
}

/** The logs of a ledger that has open months. */
export interface OpenLogs {
  /** Closed months, and the oldest open one as far as it has come. */
  readonly ledger: GrowingLog;
  /** Every later month. */
  readonly months: ReadonlyMap<Month, GrowingLog>;
  /** The one month that is in the ledger log in part; undefined for a ledger without any event. */
  readonly oldest: Month | undefined;
  /** Where each month of the ledger log begins in it, ascending. */
  readonly starts: readonly MonthStart[];
}

interface MonthStart {
  readonly month: Month;
  /** Index of its first leaf. */
  readonly at: number;
}

export function openLogs({ host, partitions, closed }: LogSource, sha256: Sha256): OpenLogs {
  const oldest = oldestOpenMonth(partitions.keys(), closed);
  const ledger = growingLog(ledgerOrigin(host), sha256);
  const months = new Map<Month, GrowingLog>();
  const starts: MonthStart[] = [];
  for (const month of [...partitions.keys()].toSorted()) {
    const events = partitions.get(month) ?? [];
    const isLater = oldest !== undefined && month > oldest;
    const log = isLater ? growingLog(monthOrigin(host, month), sha256) : ledger;
    if (!isLater) starts.push({ month, at: log.size });
    for (const { id } of events) log.append(id);
    if (isLater && events.length > 0) months.set(month, log);
  }
  return { ledger, months, oldest, starts };
}
