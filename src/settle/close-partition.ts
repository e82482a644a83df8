import { toHex, utf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { signCheckpoint } from "../core/checkpoint.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import type { JsonObject } from "../core/json.ts";
import { type Month, monthEndUnixMs, monthOf } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { inTreeOrder } from "../core/node-manifest.ts";
import type { NoteSigner } from "../core/note.ts";
import { monthOrigin, type SettlementInfo } from "../core/settlement-info.ts";
import { formatTimestamp } from "../core/time.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import type { Clock, SharedLedger, SignedHeads } from "../ports.ts";
import { type LedgerOutline, type PartitionOutline, readLedgerOutline } from "./ledger-view.ts";
import { ledgerLogBefore } from "./ledger-tiles.ts";
import { claimOf, requireSettlement, type Trees } from "./partition-claim.ts";
import { publishedJson } from "./published-json.ts";
import { type DerivedDeps, writeDerived } from "./write-derived.ts";

export interface CloseDeps extends DerivedDeps {
  readonly heads: SignedHeads;
  readonly clock: Clock;
  /** The settlement key; it signs under the origin of each log. */
  readonly key: Omit<NoteSigner, "name">;
  readonly verify: VerifySignature;
  /** Every rule of the ledger; resolves to the faults, as texts for people. */
  readonly judge: () => Promise<readonly string[]>;
  /** Names a ledger that has no `settlement.json`, when nothing else can be wrong any more: the name is for ever. */
  readonly nameLedger?: () => Promise<SettlementInfo>;
  /** Time after the month during which events may still come, milliseconds. */
  readonly graceMs: number;
  /** Keeps events out while a month closes. Left out where nobody else can write to the ledger. */
  readonly alone?: SharedLedger["alone"];
}

export interface ClosedPartition extends ClosedClaim {
  /** False when the month was closed before. */
  readonly fresh: boolean;
}

/** Open months that can be closed now, ascending. */
export function closable(view: LedgerOutline, nowUnixMs: number, graceMs: number): Month[] {
  const open = view.partitions.filter(({ state }) => state === "open");
  return open.map(({ month }) => month).filter((month) => monthEndUnixMs(month) + graceMs <= nowUnixMs);
}

/** The month that has to be closed next, over or not; undefined while a ledger holds no event. */
export function nextToClose(view: LedgerOutline): PartitionOutline | undefined {
  return view.partitions.find(({ state }) => state === "open");
}

function requireClosable(view: LedgerOutline, month: Month, { clock, graceMs }: CloseDeps): PartitionOutline {
  const partition = view.byMonth.get(month);
  if (!partition) {
    const known = view.partitions.map((each) => each.month);
    throw new SettlementError(
      "PARTITION_NOT_FOUND",
      `the ledger has no month ${month}; it runs from ${known[0] ?? "nothing"} to ${known.at(-1) ?? "nothing"}`,
    );
  }
  const next = nextToClose(view);
  if (partition.state === "open" && next && next.month !== month) {
    throw new SettlementError(
      "PARTITION_OUT_OF_ORDER",
      `months close in ascending order: close ${next.month} before ${month}`,
    );
  }
  const closableAt = monthEndUnixMs(month) + graceMs;
  if (partition.state === "open" && clock() < closableAt) {
    throw new SettlementError(
      "PARTITION_NOT_OVER",
      `${month} can be closed from ${formatTimestamp(closableAt)} on, its end and the grace for late events`,
    );
  }
  return partition;
}

/**
 * Closes one month for ever: judges the ledger, builds the tree, checks the root by a second implementation, and writes
 * tiles, nodes, evidence and checkpoints, and the manifest last: a month with a manifest is closed.
 *
 * A head of a log is remembered before it is signed, so that no folder makes this node sign two roots for one size.
 * Closing a closed month again changes nothing and gives the same answer.
 *
 * @throws SettlementError `PARTITION_NOT_FOUND`, `PARTITION_OUT_OF_ORDER`, `PARTITION_NOT_OVER`, `PARTITION_REJECTED`, `SECOND_ROOT_MISMATCH`, `HEAD_CONFLICT`,
 * `SETTLEMENT_INFO_MISSING`, `SETTLEMENT_KEY_MISMATCH`, `CHAIN_WRONG_NETWORK`, `LEDGER_IN_USE`
 */
export async function closePartition(month: Month, network: NetworkName, deps: CloseDeps): Promise<ClosedPartition> {
  const alone = deps.alone ?? ((work) => work());
  return alone(() => closeAlone(month, network, deps));
}

async function closeAlone(month: Month, network: NetworkName, deps: CloseDeps): Promise<ClosedPartition> {
  const view = await readLedgerOutline(deps, monthOf(deps.clock()));
  const partition = requireClosable(view, month, deps);
  if (partition.manifest && partition.evidence) {
    requireSettlement(view, network, deps.key);
    return { manifest: partition.manifest, evidence: partition.evidence, fresh: false };
  }
  const nameLedger = view.settlement ? undefined : deps.nameLedger;
  const named = nameLedger ?? requireSettlement(view, network, deps.key);
  const faults = await deps.judge();
  if (faults.length > 0) {
    throw new SettlementError(
      "PARTITION_REJECTED",
      `the ledger breaks its rules (${faults.length} faults), nothing was closed; first: ${faults[0] ?? ""}`,
    );
  }
  const settlement = await nameOf({ view, month, named }, deps);
  try {
    return await closeFrom({ view, month, settlement }, deps);
  } catch (error) {
    if (!hasCode(error, "ARCHIVE_CONFLICT")) throw error;
  }
  // A crash has left files of an earlier try, made from other nodes or events: without a manifest they count for nothing.
  // What is the same may be another worker's and stays.
  try {
    await deps.archive.discard(month);
  } catch (error) {
    // Somebody who does not know of this one has closed it meanwhile.
    if (hasCode(error, "PARTITION_ALREADY_CLOSED")) return closeAlone(month, network, deps);
    throw error;
  }
  return closeFrom({ view, month, settlement }, deps);
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof SettlementError && error.code === code;
}

interface Opening {
  readonly view: LedgerOutline;
  readonly month: Month;
  /** The name of the ledger, or what gives it one. */
  readonly named: SettlementInfo | NonNullable<CloseDeps["nameLedger"]>;
}

/** A name is for ever: it is given once the roots are found to be right, and before anything is written. */
async function nameOf({ view, month, named }: Opening, deps: CloseDeps): Promise<SettlementInfo> {
  if (typeof named !== "function") return named;
  const start = await ledgerLogBefore(view, month, deps);
  const archive = { ...deps.archive, write: async () => undefined, writeAll: async () => undefined };
  await writeDerived({ view, month, start }, { ...deps, archive });
  return named();
}

async function closeFrom(
  { view, month, settlement }: Omit<Opening, "named"> & { readonly settlement: SettlementInfo },
  deps: CloseDeps,
): Promise<ClosedPartition> {
  const start = await ledgerLogBefore(view, month, deps);
  const trees = await writeDerived({ view, month, start }, deps);
  const closed = claimOf(view, month, { settlement, nodes: view.nodes, trees }, deps.sha256);
  await publish({ view, month }, { ...closed, trees, settlement }, deps);
  if (!deps.alone) await writeDerived({ view, month, start }, deps);
  return { ...closed, fresh: true };
}

/** `nodes.json`: each node's manifest in canonical form on a line of its own, in the order of the nodes tree. */
function nodesJson(nodes: readonly { readonly id: string; readonly json: JsonObject }[]): Uint8Array {
  const lines = inTreeOrder(nodes).map(({ json }) => canonicalJson(json));
  return utf8(lines.length === 0 ? "[]\n" : `[\n${lines.join("\n,")}\n]\n`);
}

interface Closing extends ClosedClaim {
  readonly trees: Trees;
  readonly settlement: SettlementInfo;
}

/** Signs both heads and writes what is small, the manifest last. */
async function publish(
  { view, month }: { readonly view: LedgerOutline; readonly month: Month },
  { manifest, evidence, trees, settlement }: Closing,
  { archive, heads, key, alone }: CloseDeps,
): Promise<void> {
  const monthHead = { origin: monthOrigin(settlement.host, month), size: trees.count, root: trees.root };
  const ledgerHead = { origin: evidence.o, size: trees.ledgerSize, root: trees.ledgerRoot };
  for (const { origin, size, root } of [monthHead, ledgerHead]) await heads.record(origin, size, toHex(root));
  const files: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ["checkpoint", utf8(signCheckpoint(monthHead, key))],
    ["ledger-checkpoint", utf8(signCheckpoint(ledgerHead, key))],
    ["nodes.json", nodesJson(view.nodes)],
    ["evidence.json", publishedJson(evidence)],
  ];
  for (const [name, bytes] of files) await archive.write(month, name, bytes);
  await archive.write(month, "manifest.json", publishedJson(manifest));
  // Another worker may have cleared the place just before the month was closed here; it is the same that is put back.
  if (!alone) for (const [name, bytes] of files) await archive.write(month, name, bytes);
}
