import { equalBytes, fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Hash } from "../core/hash.ts";
import { leafHash } from "../core/merkle.ts";
import { consistencyProof, type HashReader, memoryTree, rootOfSize } from "../core/merkle-proof.ts";
import { treeHashing } from "../core/tree-hashing.ts";
import { proveFromLedgerTiles } from "./ledger-tiles.ts";
import type { LedgerView, PartitionView } from "./ledger-view.ts";
import { scanMonth } from "./month-scan.ts";
import { proveFromMonth, type TreeDeps } from "./month-tree.ts";

/** What was published of a log: its name, and root in hex. */
interface PublishedHead {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** A log whose tree is compared with what was published of it, as far as it is read. */
export interface PublishedLog extends PublishedHead {
  /** That the log at `newSize` begins with what it held at `oldSize`; `oldSize <= newSize <= size`. @throws SettlementError `LEDGER_REFUTED` */
  consistency(oldSize: number, newSize: number): Promise<LogConsistency>;
}

export interface LogConsistency {
  readonly oldRoot: Hash;
  readonly newRoot: Hash;
  readonly proof: readonly Hash[];
}

type Prove = <T>(prove: (hashes: HashReader) => T, accept: (proven: T) => boolean) => Promise<T | undefined>;

function publishedLog(head: PublishedHead, prove: Prove, { sha256 }: TreeDeps): PublishedLog {
  return {
    ...head,
    async consistency(oldSize, newSize) {
      const roots = (hashes: HashReader): LogConsistency & { readonly root: Hash } => ({
        root: rootOfSize(head.size, hashes, sha256),
        oldRoot: rootOfSize(oldSize, hashes, sha256),
        newRoot: rootOfSize(newSize, hashes, sha256),
        proof: consistencyProof(oldSize, newSize, hashes, sha256),
      });
      const found = await prove(roots, ({ root }) => equalBytes(root, fromHex(head.root)));
      if (found) return found;
      throw new SettlementError(
        "LEDGER_REFUTED",
        `the events of ${head.origin} do not have the root ${head.root} at size ${head.size} that was published`,
      );
    },
  };
}

function nothingPublished(): SettlementError {
  return new SettlementError("PARTITION_NOT_CLOSED", "no month is closed, so nothing is published of its log");
}

/** @throws SettlementError `PARTITION_NOT_CLOSED` */
export function publishedMonthLog(view: LedgerView, partition: PartitionView, deps: TreeDeps): PublishedLog {
  const { month, manifest, evidence } = partition;
  if (!manifest || !evidence) throw nothingPublished();
  const head = { origin: `${evidence.o}/${month}`, size: manifest.count, root: manifest.root };
  return publishedLog(head, (...how) => proveFromMonth(view, { month, size: head.size }, deps, ...how), deps);
}

/** The log of all closed months. @throws SettlementError `PARTITION_NOT_CLOSED` when there is none */
export function publishedLedgerLog(view: LedgerView, deps: TreeDeps): PublishedLog {
  const last = view.closed.at(-1)?.evidence;
  if (!last) throw nothingPublished();
  const { ledger, archive, sha256, hashing = treeHashing(sha256) } = deps;
  const prove: Prove = async (make, accept) => {
    const proven = await proveFromLedgerTiles(view.closed, archive, make, hashing);
    if (proven !== undefined && accept(proven)) return proven;
    const leaves: Hash[] = [];
    for (const { month, manifest } of view.partitions) {
      if (!manifest) break;
      for await (const { events, picks } of scanMonth(view, month, ledger)) {
        for (const at of picks) leaves.push(leafHash(events.ids.subarray(32 * at, 32 * (at + 1)), sha256));
      }
    }
    const again = leaves.length === last.s ? make(memoryTree(leaves, sha256)) : undefined;
    return again !== undefined && accept(again) ? again : undefined;
  };
  return publishedLog({ origin: last.o, size: last.s, root: last.l }, prove, deps);
}
