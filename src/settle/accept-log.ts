import { SettlementError } from "../core/error.ts";
import { idBytes } from "../core/event.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { oldestOpenMonth } from "../core/membership.ts";
import { type HashReader, rootOfSize } from "../core/merkle-proof.ts";
import type { Month } from "../core/month.ts";
import { ledgerOrigin, monthOrigin } from "../core/settlement-info.ts";
import { hashBytes, type TreeHashing, treeHashing } from "../core/tree-hashing.ts";

/** A log that grows in memory: about 200 bytes a leaf. What is appended is hashed when a hash is asked for. */
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

export interface LogHashing {
  readonly sha256: Sha256;
  /** Many hashes at once; with `sha256` when left out. */
  readonly hashing?: TreeHashing;
}

/** Hashes of the complete subtrees of one size, in order. */
interface Level {
  bytes: Uint8Array;
  count: number;
}

export function growingLog(origin: string, { sha256, hashing = treeHashing(sha256) }: LogHashing): GrowingLog {
  const indexes = new Map<string, number>();
  const levels: Level[] = [];
  let size = 0;
  let [unhashed, unindexed]: [string[], string[]] = [[], []];

  const hashAll = (): void => {
    if (unhashed.length === 0) return;
    const entries = new Uint8Array(unhashed.length * hashBytes);
    for (const [at, id] of unhashed.entries()) entries.set(idBytes(id), at * hashBytes);
    unhashed = [];
    hashing.leaves(entries, room(levels, 0, entries.length / hashBytes));
    for (let level = 0; ; level++) {
      const { bytes, count } = levels[level] ?? newLevel();
      const done = levels[level + 1]?.count ?? 0;
      const more = Math.floor(count / 2) - done;
      if (more === 0) return;
      const pairs = bytes.subarray(2 * done * hashBytes, 2 * (done + more) * hashBytes);
      hashing.nodes(pairs, room(levels, level + 1, more));
    }
  };
  const hashes: HashReader = (level, index) => {
    hashAll();
    const known = levels[level];
    if (known && index < known.count) return known.bytes.slice(hashBytes * index, hashBytes * (index + 1));
    throw new SettlementError(
      "TREE_POSITION_INVALID",
      `no complete subtree of level ${level} at ${index} among ${size} leaves`,
    );
  };
  return {
    origin,
    get size() {
      return size;
    },
    append(id) {
      unhashed.push(id);
      unindexed.push(id);
      return size++;
    },
    indexOf(id) {
      // Hardly anybody asks.
      for (const [at, each] of unindexed.entries()) indexes.set(each, size - unindexed.length + at);
      unindexed = [];
      return indexes.get(id);
    },
    root: () => rootOfSize(size, hashes, sha256),
    hashes,
  };
}

function newLevel(): Level {
  return { bytes: new Uint8Array(32 * hashBytes), count: 0 };
}

/** Room for more hashes of a level, behind those that are there. */
function room(levels: Level[], level: number, more: number): Uint8Array {
  const known = (levels[level] ??= newLevel());
  const start = known.count * hashBytes;
  const end = start + more * hashBytes;
  if (end > known.bytes.length) {
    const larger = new Uint8Array(2 * end);
    larger.set(known.bytes);
    known.bytes = larger;
  }
  known.count += more;
  return known.bytes.subarray(start, end);
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

export function openLogs({ host, partitions, closed }: LogSource, by: LogHashing): OpenLogs {
  const oldest = oldestOpenMonth(partitions.keys(), closed);
  const ledger = growingLog(ledgerOrigin(host), by);
  const months = new Map<Month, GrowingLog>();
  const starts: MonthStart[] = [];
  for (const month of [...partitions.keys()].toSorted()) {
    const events = partitions.get(month) ?? [];
    const isLater = oldest !== undefined && month > oldest;
    const log = isLater ? growingLog(monthOrigin(host, month), by) : ledger;
    if (!isLater) starts.push({ month, at: log.size });
    for (const { id } of events) log.append(id);
    if (isLater && events.length > 0) months.set(month, log);
  }
  return { ledger, months, oldest, starts };
}
