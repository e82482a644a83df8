import { SettlementError } from "../core/error.ts";
import type { Month } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { ledgerOrigin } from "../core/settlement-info.ts";
import type { Attempts, AuditLog, Clock, Partitions, SeenLedgers } from "../ports.ts";
import { type LedgerSource, type PartitionOutline, readLedgerOutline } from "./ledger-view.ts";

export interface HumanActDeps extends LedgerSource {
  readonly network: NetworkName;
  readonly partitions: Partitions;
  readonly attempts: Attempts;
  readonly seenLedgers: SeenLedgers;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
}

/**
 * Runs an act of a human and writes down who asked for it, before anything is done, and how it ended. An act that cannot
 * be written down is not done.
 */
export async function audited<T>(
  { auditLog, clock }: Pick<HumanActDeps, "auditLog" | "clock">,
  who: { readonly actor: string; readonly act: string; readonly detail: string },
  act: () => Promise<T>,
): Promise<T> {
  const record = (outcome: string): Promise<void> => auditLog.record({ ...who, atUnixMs: clock(), outcome });
  // What is over cannot be taken back: if its end cannot be kept, that it was asked for is.
  const conclude = (outcome: string): Promise<void> => record(outcome).catch(() => undefined);
  await record("asked");
  try {
    const result = await act();
    await conclude("done");
    return result;
  } catch (error) {
    await conclude(error instanceof SettlementError ? error.code : "a bug");
    throw error;
  }
}

/**
 * Lets a month go on that waits for a human: a rejected one may be closed or anchored again, and a transaction that was
 * validated without success may be followed by another.
 *
 * @returns what was lifted, as texts for people
 * @throws SettlementError `PARTITION_NOT_FOUND`, `PARTITION_STATE_CONFLICT` when it waits for nobody
 */
export async function retryMonth(month: Month, deps: HumanActDeps): Promise<readonly string[]> {
  const view = await readLedgerOutline(deps);
  const partition = view.byMonth.get(month);
  if (!partition) throw new SettlementError("PARTITION_NOT_FOUND", `the ledger has no month ${month}`);
  if (!view.settlement) {
    throw new SettlementError(
      "PARTITION_STATE_CONFLICT",
      `${month} waits for no human: no month of this ledger was closed yet, and the first close is tried again by itself`,
    );
  }
  const origin = ledgerOrigin(view.settlement.host);
  const lifted = [...(await liftRejection(origin, partition, deps)), ...(await liftFailure(partition, deps))];
  if (lifted.length > 0) return lifted;
  throw new SettlementError(
    "PARTITION_STATE_CONFLICT",
    `${month} is ${partition.state} and waits for no human; see settlement status`,
  );
}

/** A rejected month is again what its files say. */
async function liftRejection(
  origin: string,
  { month, manifest }: PartitionOutline,
  { partitions, clock }: HumanActDeps,
): Promise<string[]> {
  const record = await partitions.get(origin, month);
  if (record?.state !== "rejected") return [];
  const state = manifest ? "closed" : "open";
  const closed = manifest ? { manifestHash: manifest.manifestHash } : {};
  await partitions.move("rejected", { origin, month, state, ...closed, changedUnixMs: clock() });
  return [`${month} was rejected (${record.reason ?? "no reason was kept"}) and is ${state} again`];
}

/** A transaction that failed for good may be followed by another. */
async function liftFailure({ manifest }: PartitionOutline, { attempts, network }: HumanActDeps): Promise<string[]> {
  const attempt = manifest && (await attempts.latest(network, manifest.manifestHash));
  if (attempt?.state !== "failed") return [];
  await attempts.advance(attempt, "expired");
  return [`transaction ${attempt.anchor.hash} ended with ${attempt.result ?? "no result"}; another may follow it`];
}

/**
 * Forgets the ledgers of a network that was reset, on the word of a human, so that its new ledgers are believed.
 *
 * @returns what the old network leaves behind, as texts for people: transactions it never validated
 * @throws SettlementError `STATE_UNAVAILABLE`
 */
export async function forgetNetwork(deps: HumanActDeps): Promise<readonly string[]> {
  const { seenLedgers, network, attempts } = deps;
  await seenLedgers.forget(network);
  const { partitions } = await readLedgerOutline(deps);
  const waiting = new Set(partitions.filter(({ receipt }) => !receipt).map(({ manifest }) => manifest?.manifestHash));
  const left = (await attempts.list()).filter(
    (each) => each.anchor.network === network && waiting.has(each.manifestHash),
  );
  return left.map(
    ({ month, anchor }) =>
      `transaction ${anchor.hash} of ${month} was signed for the network as it was; if ${month} is refused with CHAIN_ANSWER_REFUTED, set the state aside as docs/runbook.md says`,
  );
}
