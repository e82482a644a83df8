import { type Month, monthEndUnixMs } from "../core/month.ts";
import type { Manifest } from "../core/manifest.ts";
import { type Receipt, receiptFacts } from "../core/receipt.ts";
import { formatTimestamp } from "../core/time.ts";
import type { Attempt, PartitionRecord, PartitionState } from "../ports.ts";
import { closable, nextToClose } from "./close-partition.ts";
import type { LedgerOutline, LedgerView, PartitionView } from "./ledger-view.ts";

/** A month as an operator sees it. */
export interface MonthStatus {
  readonly month: Month;
  /** `damaged`: the ledger does not hold any more what was published. */
  readonly state: PartitionState | "damaged";
  readonly events: number;
  /** Events the published manifest counts; null while nothing is published. */
  readonly published: number | null;
  readonly root: string | null;
  readonly manifestHash: string | null;
  readonly transactionHash: string | null;
  readonly ledgerIndex: number | null;
  readonly closeTime: string | null;
  /** Why it does not go on without a human. */
  readonly reason: string | null;
  /** Transactions signed for it so far. */
  readonly attempts: number;
  /** The transaction under way. */
  readonly underWay: Pick<Attempt["anchor"], "hash" | "feeDrops" | "sequence" | "lastLedgerSequence"> | null;
}

/** The month that is due next; undefined while a ledger holds no event. */
export interface NextClose {
  readonly month: Month;
  readonly closableAt: string;
  /** Months that are over and open. */
  readonly overdue: number;
}

/** What the state database knows, where it could be read. */
export interface Known {
  readonly records: readonly PartitionRecord[];
  readonly attempts: readonly Attempt[];
}

function stateOf(partition: PartitionView, record: PartitionRecord | undefined): MonthStatus["state"] {
  const { state, events, manifest } = partition;
  if (manifest && manifest.count !== events.count) return "damaged";
  // The files know how far a month has come; between two of their states the record knows more.
  if (record?.state === "rejected" && state !== "anchored") return "rejected";
  if (state === "open" && record?.state === "closing") return "closing";
  if (state === "closed" && record?.state === "anchoring") return "anchoring";
  if (state === "anchored" && record?.state === "proven") return "proven";
  return state;
}

function monthStatus(partition: PartitionView, { records, attempts }: Known): MonthStatus {
  const { month, events, manifest, receipt } = partition;
  const record = records.find((each) => each.month === month);
  const own = attempts.filter((each) => each.manifestHash === manifest?.manifestHash);
  const open = own.find(({ state }) => state === "prepared" || state === "submitted");
  return {
    month,
    state: stateOf(partition, record),
    events: events.count,
    ...publishedOf(manifest),
    ...witnessOf(receipt),
    reason: receipt ? null : (record?.reason ?? null),
    attempts: own.length,
    underWay: open && !receipt ? transactionOf(open) : null,
  };
}

function publishedOf(manifest: Manifest | undefined): Pick<MonthStatus, "published" | "root" | "manifestHash"> {
  if (!manifest) return { published: null, root: null, manifestHash: null };
  return { published: manifest.count, root: manifest.root, manifestHash: manifest.manifestHash };
}

function witnessOf(receipt: Receipt | undefined): Pick<MonthStatus, "transactionHash" | "ledgerIndex" | "closeTime"> {
  if (!receipt) return { transactionHash: null, ledgerIndex: null, closeTime: null };
  const { transactionHash, ledgerIndex, closeTime } = receiptFacts(receipt);
  return { transactionHash, ledgerIndex, closeTime };
}

function transactionOf({ anchor }: Attempt): NonNullable<MonthStatus["underWay"]> {
  const { hash, feeDrops, sequence, lastLedgerSequence } = anchor;
  return { hash, feeDrops, sequence, lastLedgerSequence };
}

/** Months ascending, from the files and from what the state database knows of them. */
export function monthStatuses(view: LedgerView, known: Known): readonly MonthStatus[] {
  return view.partitions.map((partition) => monthStatus(partition, known));
}

/** @param view - with the quiet months up to now */
export function nextClose(view: LedgerOutline, nowUnixMs: number, graceMs: number): NextClose | undefined {
  const open = nextToClose(view);
  if (!open) return undefined;
  const closableAt = formatTimestamp(monthEndUnixMs(open.month) + graceMs);
  return { month: open.month, closableAt, overdue: closable(view, nowUnixMs, graceMs).length };
}
