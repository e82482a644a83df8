import type { Manifest } from "../core/manifest.ts";
import { type Month, monthOf } from "../core/month.ts";
import { type Receipt, receiptFacts } from "../core/receipt.ts";
import { ledgerOrigin } from "../core/settlement-info.ts";
import type { Clock, Partitions, PartitionState } from "../ports.ts";
import { closable } from "./close-partition.ts";
import { type LedgerSource, type LedgerOutline, readLedgerOutline } from "./ledger-view.ts";
import { noteState } from "./month-state.ts";
import type { MonthFact } from "./settle-months.ts";

/** What is not done and should be. */
export interface Due {
  /** Months that are over and open, ascending; without those that wait behind a rejected one. */
  readonly close: readonly Month[];
  /** Months that are closed and have no receipt, ascending. */
  readonly anchor: readonly Month[];
  /** Months that have a receipt and no proof, or are not known to be proven, ascending. */
  readonly prove: readonly Month[];
  /** Months that wait for a human. */
  readonly rejected: readonly Month[];
}

export interface ReconcileDeps extends LedgerSource {
  readonly partitions: Partitions;
  readonly clock: Clock;
  /** Time after a month during which events may still come, milliseconds. */
  readonly graceMs: number;
  /** Keeps a fact to be told; the same fact again is told once. */
  readonly tell?: (fact: MonthFact) => Promise<void>;
}

/**
 * Compares what should be closed and anchored by now with what is, from the files alone: a queue that was lost, with
 * whatever was in it, is made up for by this, and so is a state database that was.
 *
 * @throws SettlementError those of {@link readLedgerOutline}, `STATE_UNAVAILABLE`
 */
export async function whatIsDue(deps: ReconcileDeps): Promise<Due> {
  const { partitions, clock, graceMs } = deps;
  const view = await readLedgerOutline(deps, monthOf(clock()));
  await followFiles(view, deps);
  const records = view.settlement ? await partitions.list(ledgerOrigin(view.settlement.host)) : [];
  const states = new Map(records.map(({ month, state }) => [month, state]));
  const rejected = view.partitions.map(({ month }) => month).filter((month) => states.get(month) === "rejected");
  const overdue = closable(view, clock(), graceMs);
  const stop = overdue.findIndex((month) => rejected.includes(month));
  const closed = view.partitions.filter(({ state }) => state === "closed");
  const anchored = view.partitions.filter(({ state }) => state === "anchored");
  return {
    close: stop < 0 ? overdue : overdue.slice(0, stop),
    anchor: closed.map(({ month }) => month).filter((month) => !rejected.includes(month)),
    prove: anchored.filter(({ month, xpop }) => !xpop || states.get(month) !== "proven").map(({ month }) => month),
    rejected,
  };
}

/** Records of months that the files know to be further on. */
async function followFiles({ settlement, partitions }: LedgerOutline, deps: ReconcileDeps): Promise<void> {
  if (!settlement) return;
  const origin = ledgerOrigin(settlement.host);
  const records = new Map((await deps.partitions.list(origin)).map((record) => [record.month, record]));
  for (const { month, state, manifest, receipt } of partitions) {
    const record = records.get(month);
    const isBehind = state === "anchored" ? !isWitnessed(record?.state) : state === "closed" && isOpen(record?.state);
    if (!isBehind || !manifest) continue;
    await noteState(deps, { origin, month }, state, { manifestHash: manifest.manifestHash });
    // What was cut off between the files and the telling is told now; a state that was lost is no news.
    if (record) await deps.tell?.(factOf(origin, manifest, receipt));
  }
}

function factOf(origin: string, manifest: Manifest, receipt: Receipt | undefined): MonthFact {
  const { partitionId: month, network, manifestHash, root, count } = manifest;
  const facts = receipt && receiptFacts(receipt);
  if (!facts) return { type: "partition.closed", origin, month, network, manifestHash, root, count };
  const { transactionHash, ledgerIndex } = facts;
  return { type: "partition.anchored", origin, month, network, manifestHash, transactionHash, ledgerIndex };
}

function isWitnessed(state: PartitionState | undefined): boolean {
  return state === "anchored" || state === "proven";
}

function isOpen(state: PartitionState | undefined): boolean {
  return state === undefined || state === "open" || state === "closing";
}
