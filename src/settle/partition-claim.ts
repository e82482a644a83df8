import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Evidence } from "../core/evidence.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { makeManifest } from "../core/manifest.ts";
import type { Month } from "../core/month.ts";
import type { MonthLogListeners, NewMonthLogs } from "../core/month-logs.ts";
import type { NetworkName } from "../core/network.ts";
import { type NodeManifest, nodesRoot } from "../core/node-manifest.ts";
import { formatVkey, makeVkey, type NoteSigner } from "../core/note.ts";
import type { OpenTiles } from "../core/open-tiles.ts";
import { ledgerOrigin, type SettlementInfo } from "../core/settlement-info.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import type { EventDetails, Ledger, ScannedEvents } from "../ports.ts";
import type { LedgerOutline } from "./ledger-view.ts";
import { withoutIndex } from "./list-scan.ts";
import { type MonthBatch, runsOf, scanMonth } from "./month-scan.ts";

/** What the events of a month hash to. */
export interface Trees {
  readonly root: Hash;
  readonly digest: Hash;
  readonly ledgerRoot: Hash;
  readonly ledgerSize: number;
  readonly count: number;
  /** Ids of the first and the last event. */
  readonly range: readonly [string, string] | null;
}

export interface Hashing {
  readonly sha256: Sha256;
  /** SHA-256 over bytes that come one after the other. */
  readonly newDigest: () => { update(bytes: Uint8Array): void; digest(): Hash };
  readonly newLogs: NewMonthLogs;
}

/** Who else hears of what goes by while a month is hashed. Each is waited for. */
export interface HashingListeners extends MonthLogListeners {
  /** Events that follow each other in a scan: those from `from` up to `to`. */
  readonly onEvents?: (events: ScannedEvents, from: number, to: number) => void;
  /** After many events, and at the end. @param batch - the events, of which some are of the month */
  readonly onBatch?: (batch?: MonthBatch) => Promise<void>;
}

/**
 * One way through a month.
 *
 * @param start - the ledger log as the month before has left it: months ascending, leaves in the order of their month
 */
export async function hashMonth(
  { view, month, ledger }: { readonly view: LedgerOutline; readonly month: Month; readonly ledger: Ledger },
  start: OpenTiles,
  { newDigest, newLogs }: Pick<Hashing, "newDigest" | "newLogs">,
  listeners: HashingListeners = {},
): Promise<Trees> {
  const { onEvents, onBatch } = listeners;
  const logs = newLogs(start, listeners);
  const digest = newDigest();
  let first: string | undefined;
  let last: string | undefined;
  for await (const batch of scanMonth(withoutIndex(view), month, ledger, true)) {
    const { events } = batch;
    const { lines, lineEnds, leaves } = detailsOf(events);
    for (const [from, to] of runsOf(batch.picks)) {
      const ids = events.ids.subarray(32 * from, 32 * to);
      logs.append(ids, leaves?.subarray(32 * from, 32 * to));
      digest.update(lines.subarray(from === 0 ? 0 : lineEnds[from - 1], lineEnds[to - 1]));
      onEvents?.(events, from, to);
      first ??= toHex(ids.subarray(0, 32));
      last = toHex(ids.subarray(-32));
    }
    await onBatch?.(batch);
  }
  const { month: own, ledger: whole } = logs.finish();
  await onBatch?.();
  return {
    root: own.root,
    digest: digest.digest(),
    ledgerRoot: whole.root,
    ledgerSize: whole.size,
    count: own.size,
    range: first !== undefined && last !== undefined ? [first, last] : null,
  };
}

/** A scan that was asked for details gives them. */
function detailsOf({ details }: ScannedEvents): EventDetails {
  if (details) return details;
  throw new TypeError("the scan was not asked for details");
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
  view: LedgerOutline,
  month: Month,
  { settlement, nodes, trees }: CloseBasis,
  sha256: Sha256,
): ClosedClaim {
  const before = view.partitions.findLast((each) => each.month < month);
  const manifest = makeManifest(
    {
      partitionId: month,
      network: settlement.network,
      prev: before?.manifest?.root ?? null,
      range: trees.range,
      count: trees.count,
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
  { settlement }: Pick<LedgerOutline, "settlement">,
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
