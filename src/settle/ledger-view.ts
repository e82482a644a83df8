import type { Evidence } from "../core/evidence.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import type { Manifest } from "../core/manifest.ts";
import { partitionsOf } from "../core/membership.ts";
import { type Month, monthsBetween, nextMonth } from "../core/month.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { Receipt } from "../core/receipt.ts";
import type { SettlementInfo } from "../core/settlement-info.ts";
import type { Archive, Ledger } from "../ports.ts";
import { readPublished } from "./read-closed.ts";

type PartitionState = "open" | "closed" | "anchored";

/** A month with its events in leaf order and what was published of it. */
export interface PartitionView {
  readonly month: Month;
  readonly state: PartitionState;
  readonly events: readonly LedgerEvent[];
  readonly manifest?: Manifest;
  readonly evidence?: Evidence;
  readonly receipt?: Receipt;
  /** Bytes of `xpop.json`. */
  readonly xpop?: Uint8Array;
}

/** A ledger as it stands: every month from the first to the last, and where each event is. */
export interface LedgerView {
  readonly dialect: Dialect;
  readonly settlement: SettlementInfo | undefined;
  readonly nodes: readonly NodeManifest[];
  readonly partitions: readonly PartitionView[];
  /** Every event as the files hold them: the order a network's own manifests speak of. */
  readonly inFileOrder: readonly LedgerEvent[];
  readonly byMonth: ReadonlyMap<Month, PartitionView>;
  readonly byId: ReadonlyMap<string, { readonly partition: PartitionView; readonly index: number }>;
}

/** A ledger and what was published of it. */
export interface LedgerSource {
  readonly ledger: Ledger;
  readonly archive: Archive;
}

/**
 * @param through - shows months without events up to this one too: a quiet month is closed like any other
 * @throws SettlementError those of the ledger port, and the codes of what was published when it is not well formed
 */
export async function readLedgerView({ ledger, archive }: LedgerSource, through?: Month): Promise<LedgerView> {
  const [snapshot, closed] = await Promise.all([ledger.snapshot(), archive.months()]);
  const published = new Map(
    await Promise.all(closed.map(async (month) => [month, await readPublished(archive, month)] as const)),
  );
  const manifests = new Map<Month, Manifest>();
  for (const [month, { manifest }] of published) if (manifest) manifests.set(month, manifest);
  const held = partitionsOf(snapshot.files, manifests);
  const partitions = withQuietMonths(held, through).map(([month, events]): PartitionView => {
    const facts = published.get(month) ?? {};
    const state = facts.receipt ? "anchored" : facts.manifest ? "closed" : "open";
    return { month, state, events, ...facts };
  });
  return {
    dialect: snapshot.dialect,
    settlement: snapshot.settlement,
    nodes: snapshot.nodes,
    partitions,
    inFileOrder: Array.from(snapshot.files.values()).flat(),
    byMonth: new Map(partitions.map((partition) => [partition.month, partition])),
    byId: new Map(
      partitions.flatMap((partition) =>
        partition.events.map((event, index) => [event.id, { partition, index }] as const),
      ),
    ),
  };
}

function withQuietMonths(
  held: ReadonlyMap<Month, readonly LedgerEvent[]>,
  through: Month | undefined,
): (readonly [Month, readonly LedgerEvent[]])[] {
  const months = Array.from(held);
  const last = months.at(-1)?.[0];
  if (last === undefined || through === undefined) return months;
  return [...months, ...monthsBetween(nextMonth(last), through).map((month) => [month, []] as const)];
}
