import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { idBytes } from "../core/event.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { leafHash } from "../core/merkle.ts";
import { consistencyProof, type HashReader, memoryTree, rootOfSize } from "../core/merkle-proof.ts";
import type { PartitionView } from "../settle/ledger-view.ts";

/** What was published of a log: its name, and root in hex. */
export interface PublishedHead {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** A log whose tree was compared with what was published of it. */
export interface CheckedLog extends PublishedHead {
  readonly hashes: HashReader;
}

/**
 * The log over the events of these months.
 *
 * @throws SettlementError `PARTITION_NOT_CLOSED` when nothing was published, `LEDGER_REFUTED` when something else was
 */
export function checkedLog(
  partitions: readonly PartitionView[],
  head: PublishedHead | undefined,
  sha256: Sha256,
): CheckedLog {
  if (!head)
    throw new SettlementError("PARTITION_NOT_CLOSED", "no month is closed, so nothing is published of its log");
  const leaves = partitions.flatMap(({ events }) => events.map(({ id }) => leafHash(idBytes(id), sha256)));
  const hashes = memoryTree(leaves, sha256);
  const root = toHex(rootOfSize(leaves.length, hashes, sha256));
  if (leaves.length !== head.size || root !== head.root) {
    throw new SettlementError(
      "LEDGER_REFUTED",
      `the ${leaves.length} events of ${head.origin} have the root ${root}; ${head.root} at size ${head.size} was published`,
    );
  }
  return { ...head, hashes };
}

export interface LogConsistency {
  readonly oldRoot: Hash;
  readonly newRoot: Hash;
  readonly proof: readonly Hash[];
}

/** That the log at `newSize` begins with what it held at `oldSize`; `oldSize <= newSize <= size`. */
export function logConsistency(
  { hashes }: CheckedLog,
  oldSize: number,
  newSize: number,
  sha256: Sha256,
): LogConsistency {
  return {
    oldRoot: rootOfSize(oldSize, hashes, sha256),
    newRoot: rootOfSize(newSize, hashes, sha256),
    proof: consistencyProof(oldSize, newSize, hashes, sha256),
  };
}
