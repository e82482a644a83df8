import { type ErrorCode, SettlementError } from "../core/error.ts";
import { type Month, monthOf } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { type Receipt, receiptFacts } from "../core/receipt.ts";
import { ledgerOrigin } from "../core/settlement-info.ts";
import type { NoticeType } from "../ports.ts";
import { type AnchorPass, anchorOnce, type AnchorPassDeps } from "./anchor-partition.ts";
import { closable, type CloseDeps, type ClosedPartition, closePartition } from "./close-partition.ts";
import { readLedgerOutline } from "./ledger-view.ts";
import { type MonthStateDeps, noteState } from "./month-state.ts";
import { proveMonth, type ProveMonthDeps, type ProvePass } from "./prove-month.ts";
import { readClosed } from "./read-closed.ts";

/** What the world is told of a month. */
export interface MonthFact {
  readonly type: NoticeType;
  readonly origin: string;
  readonly month: Month;
  readonly network: NetworkName;
  readonly manifestHash?: string;
  readonly root?: string;
  readonly count?: number;
  readonly transactionHash?: string;
  readonly ledgerIndex?: number;
  readonly code?: ErrorCode;
  readonly reason?: string;
}

export interface SettleDeps extends MonthStateDeps {
  readonly network: NetworkName;
  readonly close: CloseDeps;
  /** Keeps a fact to be told; the same fact again is told once. */
  readonly tell: (fact: MonthFact) => Promise<void>;
}

export interface SettleAnchorDeps extends SettleDeps {
  readonly anchor: AnchorPassDeps;
}

/** The ledger is at fault: nothing of the month goes on before a human has looked. */
const rejecting: ReadonlySet<ErrorCode> = new Set([
  "PARTITION_REJECTED",
  "PARTITION_MALFORMED",
  "PARTITION_ALTERED",
  "SECOND_ROOT_MISMATCH",
  "HEAD_CONFLICT",
  "LEDGER_REFUTED",
  "ARCHIVE_CONFLICT",
]);

/** Nothing is lost, and without a human nothing goes on. */
const needsHuman: ReadonlySet<ErrorCode> = new Set([
  ...rejecting,
  "ANCHOR_FAILED",
  "ANCHOR_CONFLICT",
  "ANCHOR_HISTORY_INCOMPLETE",
  "ACCOUNT_NOT_FUNDED",
  "CHAIN_FORKED",
  "CHAIN_WRONG_NETWORK",
  "SETTLEMENT_KEY_MISMATCH",
  "RECEIPT_REFUTED",
]);

function isOf(codes: ReadonlySet<ErrorCode>, error: unknown): error is SettlementError {
  return error instanceof SettlementError && codes.has(error.code);
}

interface Place {
  readonly origin: string;
  readonly month: Month;
}

/** Writes down why a month does not go on, and tells it once. Rethrown by the caller. */
async function noteFault(place: Place, error: unknown, deps: SettleDeps): Promise<void> {
  if (!isOf(needsHuman, error)) return;
  const { code, message } = error;
  const reason = `${code}: ${message}`;
  if (rejecting.has(code)) await noteState(deps, place, "rejected", { reason });
  await deps.tell({ type: "partition.failed", ...place, network: deps.network, code, reason: message });
}

/**
 * Closes one month and writes down how it went.
 *
 * @throws SettlementError those of {@link closePartition}
 */
export async function settleClose(month: Month, deps: SettleDeps): Promise<ClosedPartition> {
  const { settlement } = await deps.close.ledger.snapshot();
  // A ledger gets its name with its first close; until then there is nothing to write it down under.
  const named = settlement && { origin: ledgerOrigin(settlement.host), month };
  if (named) await noteState(deps, named, "closing");
  try {
    const closed = await closePartition(month, deps.network, deps.close);
    await tellClosed(closed, deps);
    return closed;
  } catch (error) {
    if (named && !isOf(rejecting, error)) await reopened(named, error, deps);
    if (named) await noteFault(named, error, deps);
    throw error;
  }
}

/** A close that was refused for another reason than the ledger's left the month as it was. */
async function reopened(place: Place, error: unknown, deps: SettleDeps): Promise<void> {
  if (!(error instanceof SettlementError) || error.kind === "unavailable" || error.kind === "uncertain") return;
  const record = await deps.partitions.get(place.origin, place.month);
  if (record?.state !== "closing") return;
  await deps.partitions.move("closing", { ...place, state: "open", changedUnixMs: deps.clock() });
}

async function tellClosed({ manifest, evidence }: ClosedPartition, deps: SettleDeps): Promise<void> {
  const { manifestHash, root, count } = manifest;
  const place = { origin: evidence.o, month: manifest.partitionId };
  await noteState(deps, place, "closed", { manifestHash });
  await deps.tell({ type: "partition.closed", ...place, network: manifest.network, manifestHash, root, count });
}

/**
 * Closes every month that is due, in ascending order. A month that was rejected waits for a human, and the later ones for it.
 *
 * @param onClosed - hears of each month as it closes
 * @throws SettlementError `PARTITION_REJECTED`, and those of {@link closePartition}
 */
export async function closeDue(
  deps: SettleDeps,
  onClosed: (closed: ClosedPartition) => void = () => undefined,
): Promise<readonly ClosedPartition[]> {
  const { close, clock, partitions } = deps;
  const view = await readLedgerOutline(close, monthOf(clock()));
  const done: ClosedPartition[] = [];
  for (const month of closable(view, clock(), close.graceMs)) {
    const record = view.settlement && (await partitions.get(ledgerOrigin(view.settlement.host), month));
    if (record?.state === "rejected") {
      throw new SettlementError(
        "PARTITION_REJECTED",
        `${month} was rejected and waits for a human: ${record.reason ?? "no reason was kept"}. Repair the ledger, then close it by hand`,
      );
    }
    const closed = await settleClose(month, deps);
    done.push(closed);
    onClosed(closed);
  }
  return done;
}

/** `behind`: an older month goes first, for people like to see them in order. */
export type SettlePass = AnchorPass | { readonly state: "behind"; readonly month: Month };

/** An older month that is on its way and does not wait for a human. */
async function monthBefore({ origin, month }: Place, { partitions }: SettleDeps): Promise<Month | undefined> {
  const records = await partitions.list(origin);
  return records.find(
    ({ month: other, state, reason }) =>
      other < month && (state === "closed" || state === "anchoring") && reason === undefined,
  )?.month;
}

/**
 * One look at the anchor of a month, written down.
 *
 * @throws SettlementError those of {@link anchorOnce}
 */
export async function settleAnchor(month: Month, deps: SettleAnchorDeps): Promise<SettlePass> {
  const { manifest, evidence, receipt } = await readClosed(deps.anchor.archive, month);
  const place = { origin: evidence.o, month };
  const { manifestHash } = manifest;
  const before = receipt ? undefined : await monthBefore(place, deps);
  if (before !== undefined && !(await deps.anchor.attempts.latest(deps.network, manifestHash)))
    return { state: "behind", month: before };
  try {
    const passed = await anchorOnce(month, deps.anchor);
    if (passed.state === "anchored") await tellAnchored(passed.receipt, place, deps);
    else await noteState(deps, place, "anchoring", { manifestHash });
    return passed;
  } catch (error) {
    if (isOf(needsHuman, error) && !rejecting.has(error.code))
      await noteState(deps, place, "anchoring", { manifestHash, reason: `${error.code}: ${error.message}` });
    await noteFault(place, error, deps);
    throw error;
  }
}

async function tellAnchored(receipt: Receipt, place: Place, deps: SettleDeps): Promise<void> {
  const { transactionHash, ledgerIndex } = receiptFacts(receipt);
  const { manifestHash, network } = receipt;
  await noteState(deps, place, "anchored", { manifestHash });
  await deps.tell({ type: "partition.anchored", ...place, network, manifestHash, transactionHash, ledgerIndex });
}

/**
 * One look for the validators' signatures of a month, written down.
 *
 * @throws SettlementError those of {@link proveMonth}
 */
export async function settleProof(month: Month, prove: ProveMonthDeps, deps: SettleDeps): Promise<ProvePass> {
  const passed = await proveMonth(month, prove);
  if (passed.state === "unproven") return passed;
  const { manifest, evidence, receipt } = await readClosed(prove.archive, month);
  const place = { origin: evidence.o, month };
  const { manifestHash, network } = manifest;
  await noteState(deps, place, "proven", { manifestHash });
  const facts = receipt ? receiptFacts(receipt) : undefined;
  const witnessed = facts ? { transactionHash: facts.transactionHash, ledgerIndex: facts.ledgerIndex } : {};
  await deps.tell({ type: "partition.proven", ...place, network, manifestHash, ...witnessed });
  return passed;
}
