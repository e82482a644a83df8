import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { consistencyProof, rootOfSize } from "../core/merkle-proof.ts";
import type { Month } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { monthOrigin } from "../core/settlement-info.ts";
import type { SignedHeads } from "../ports.ts";
import { type GrowingLog, growingLog, openLogs } from "./accept-log.ts";
import { type LedgerSource, type LedgerView, readLedgerView } from "./ledger-view.ts";
import { withoutIndex } from "./list-scan.ts";
import { idsOfMonth } from "./month-scan.ts";
import { requireSettlement } from "./partition-claim.ts";
import { requireContinued, type SignedHead, signHead, type SignHeadDeps } from "./signed-head.ts";

export interface InterimDeps extends LedgerSource, SignHeadDeps {
  readonly network: NetworkName;
  /** Every rule of the ledger; resolves to the faults, as texts for people. Not asked where nothing new would be signed. */
  readonly judge: () => Promise<readonly string[]>;
}

type Heads = Awaited<ReturnType<SignedHeads["list"]>>;

/**
 * Signs the ledger log as it is now, and the log of each open month that has events. What is signed is for ever, so a
 * ledger with faults is not.
 *
 * @throws SettlementError `PARTITION_REJECTED`, `HEAD_CONFLICT`, `SETTLEMENT_INFO_MISSING`, `SETTLEMENT_KEY_MISMATCH`,
 * `CHAIN_WRONG_NETWORK`, `STATE_UNAVAILABLE`
 */
export async function signInterim(deps: InterimDeps): Promise<readonly SignedHead[]> {
  const { heads, sha256, judge } = deps;
  let logs = await readLogs(deps);
  const signed = new Map<string, Heads>();
  for (const { origin } of logs) signed.set(origin, await heads.list(origin));
  const lastOf = ({ origin }: GrowingLog): Heads[number] | undefined => signed.get(origin)?.at(-1);
  // Events are durable before their head is: whatever was signed since the ledger was read is in it now.
  if (logs.some((log) => (lastOf(log)?.size ?? 0) > log.size)) logs = await readLogs(deps);
  for (const log of logs) requireContinued(log, signed.get(log.origin) ?? [], sha256);
  if (logs.some((log) => lastOf(log)?.size !== log.size)) requireNoFault(await judge());
  const made: SignedHead[] = [];
  for (const log of logs) made.push(await signHead(log, deps));
  return made;
}

function requireNoFault(faults: readonly string[]): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new SettlementError(
    "PARTITION_REJECTED",
    `the ledger breaks its rules (${faults.length} faults), nothing was signed; first: ${first}`,
  );
}

async function readLogs(deps: InterimDeps): Promise<readonly GrowingLog[]> {
  const { network, key, sha256 } = deps;
  const view = withoutIndex(await readLedgerView(deps));
  const { host } = requireSettlement(view, network, key);
  const logs = await logsOfView(view, host, deps);
  const { oldest } = logs;
  const open = [...logs.months.values()];
  const events = oldest === undefined ? [] : await idsOfMonth(view, oldest, deps.ledger);
  if (oldest !== undefined && events.length > 0) {
    const log = growingLog(monthOrigin(host, oldest), { sha256 });
    for (const id of events) log.append(id);
    open.unshift(log);
  }
  return [logs.ledger, ...open];
}

async function logsOfView(
  view: LedgerView,
  host: string,
  { ledger, sha256 }: Pick<InterimDeps, "ledger" | "sha256">,
): Promise<ReturnType<typeof openLogs>> {
  const closed = view.partitions.filter(({ state }) => state !== "open").map(({ month }) => month);
  const partitions = new Map<Month, readonly { readonly id: string }[]>();
  for (const { month } of view.partitions) {
    partitions.set(
      month,
      (await idsOfMonth(view, month, ledger)).map((id) => ({ id })),
    );
  }
  return openLogs({ host, partitions, closed }, { sha256 });
}

/** The ledger log of a ledger: its closed months, and the oldest open one as far as it has come. */
export async function ledgerLog(
  view: LedgerView,
  host: string,
  deps: Pick<InterimDeps, "ledger" | "sha256">,
): Promise<GrowingLog> {
  return (await logsOfView(view, host, deps)).ledger;
}

/** That a log at one size begins with what it held at a smaller one. */
export interface LogConsistency {
  readonly oldRoot: Hash;
  readonly newRoot: Hash;
  readonly proof: readonly Hash[];
}

/**
 * Consistency proof between any two sizes of a log, RFC 9162 §2.1.4.1.
 *
 * @throws SettlementError `TREE_POSITION_INVALID` unless `0 <= oldSize <= newSize <= size`
 */
export function proveConsistency(
  { hashes, size, origin }: GrowingLog,
  oldSize: number,
  newSize: number,
  sha256: Sha256,
): LogConsistency {
  if (newSize > size) {
    throw new SettlementError("TREE_POSITION_INVALID", `${origin} has ${size} leaves, not ${newSize}`);
  }
  return {
    oldRoot: rootOfSize(oldSize, hashes, sha256),
    newRoot: rootOfSize(newSize, hashes, sha256),
    proof: consistencyProof(oldSize, newSize, hashes, sha256),
  };
}

/** A head that this node has signed, and whether the log still begins with it. */
export interface KnownHead {
  readonly size: number;
  /** Lower-case hex. */
  readonly root: string;
  readonly holds: boolean;
}

/** Heads of a log that this node has signed, ascending by size. @throws SettlementError `STATE_UNAVAILABLE` */
export async function knownHeads(log: GrowingLog, { heads, sha256 }: SignHeadDeps): Promise<readonly KnownHead[]> {
  return (await heads.list(log.origin)).map(({ size, root }) => {
    const holds = size <= log.size && toHex(rootOfSize(size, log.hashes, sha256)) === root;
    return { size, root, holds };
  });
}
