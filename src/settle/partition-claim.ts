import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { evidenceLine, idBytes } from "../core/event.ts";
import type { Evidence } from "../core/evidence.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { makeManifest } from "../core/manifest.ts";
import { type EntryTree, entryTree } from "../core/merkle.ts";
import type { NetworkName } from "../core/network.ts";
import { type NodeManifest, nodesRoot } from "../core/node-manifest.ts";
import { formatVkey, makeVkey, type NoteSigner } from "../core/note.ts";
import { ledgerOrigin, type SettlementInfo } from "../core/settlement-info.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import type { LedgerView, PartitionView } from "./ledger-view.ts";

/** What the events of a month hash to. */
export interface Trees {
  readonly root: Hash;
  readonly digest: Hash;
  readonly ledgerRoot: Hash;
  readonly ledgerSize: number;
}

export interface Hashing {
  readonly sha256: Sha256;
  /** Trees that hash faster than `entryTree` of the core; that one when left out. */
  readonly newTree?: () => EntryTree;
}

/** Ledger log: months ascending, leaves in the order of their month, up to and with this one. */
export function hashPartition(
  view: LedgerView,
  partition: PartitionView,
  { sha256, newTree = () => entryTree(sha256) }: Hashing,
): Trees {
  const month = newTree();
  for (const { id } of partition.events) month.append(idBytes(id));
  const ledger = newTree();
  for (const each of view.partitions) {
    if (each.month <= partition.month) for (const { id } of each.events) ledger.append(idBytes(id));
  }
  const digest = sha256(joined(partition.events.map((event) => evidenceLine(event.json))));
  return { root: month.root(), digest, ledgerRoot: ledger.root(), ledgerSize: ledger.size };
}

/** A month may have more lines than a function takes arguments. */
function joined(lines: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    at += line.length;
  }
  return bytes;
}

/** What a close goes by, beside the events. */
export interface CloseBasis {
  readonly settlement: SettlementInfo;
  /** The nodes as they are at the close. */
  readonly nodes: readonly NodeManifest[];
  readonly trees: Trees;
}

/** What is published of a month: the same whenever it is computed. */
export function claimOf(
  view: LedgerView,
  { month, events }: PartitionView,
  { settlement, nodes, trees }: CloseBasis,
  sha256: Sha256,
): ClosedClaim {
  const before = view.partitions.findLast((each) => each.month < month);
  const [first, last] = [events[0]?.id, events.at(-1)?.id];
  const manifest = makeManifest(
    {
      partitionId: month,
      network: settlement.network,
      prev: before?.manifest?.root ?? null,
      range: first !== undefined && last !== undefined ? [first, last] : null,
      count: events.length,
      root: toHex(trees.root),
    },
    sha256,
  );
  const evidence: Evidence = {
    v: 1,
    p: month,
    d: toHex(trees.digest),
    k: toHex(nodesRoot(nodes, sha256)),
    o: ledgerOrigin(settlement.host),
    s: trees.ledgerSize,
    l: toHex(trees.ledgerRoot),
  };
  return { manifest, evidence };
}

/**
 * The ledger's `settlement.json`, which names this network and this node's key.
 *
 * @throws SettlementError `SETTLEMENT_INFO_MISSING`, `CHAIN_WRONG_NETWORK`, `SETTLEMENT_KEY_MISMATCH`
 */
export function requireSettlement(
  { settlement }: Pick<LedgerView, "settlement">,
  network: NetworkName,
  key: Pick<NoteSigner, "publicKey">,
): SettlementInfo {
  if (!settlement) {
    throw new SettlementError(
      "SETTLEMENT_INFO_MISSING",
      "the ledger has no settlement.json, so its logs have no name; restore it, or name the ledger when it closes its first month: --origin HOST",
    );
  }
  if (settlement.network !== network) {
    throw new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `settlement.json says that this ledger is anchored on ${settlement.network}, the configuration says ${network}`,
    );
  }
  const vkey = formatVkey(makeVkey(ledgerOrigin(settlement.host), key.publicKey));
  if (settlement.key !== vkey) {
    throw new SettlementError(
      "SETTLEMENT_KEY_MISMATCH",
      `settlement.json names the settlement key ${settlement.key}, this node has ${vkey}: give the right one with --key-file`,
    );
  }
  return settlement;
}
