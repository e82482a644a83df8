import { equalBytes, toHex, utf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { signCheckpoint } from "../core/checkpoint.ts";
import { SettlementError } from "../core/error.ts";
import { evidenceLine, idBytes } from "../core/event.ts";
import type { Evidence } from "../core/evidence.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { makeManifest, type Manifest } from "../core/manifest.ts";
import { leafHash, treeAccumulator } from "../core/merkle.ts";
import { type Month, monthEndUnixMs, monthOf } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { inTreeOrder, nodesRoot } from "../core/node-manifest.ts";
import { formatVkey, makeVkey, type NoteSigner } from "../core/note.ts";
import { ledgerOrigin, monthOrigin, type SettlementInfo } from "../core/settlement-info.ts";
import { tileBuilder } from "../core/tiles.ts";
import { formatTimestamp } from "../core/time.ts";
import type { Archive, Clock, Ledger } from "../ports.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "./ledger-view.ts";
import { publishedJson } from "./published-json.ts";

export interface CloseDeps {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly clock: Clock;
  /** The settlement key; it signs under the origin of each log. */
  readonly key: Omit<NoteSigner, "name">;
  readonly sha256: Sha256;
  /** The root again, by an implementation that shares nothing with ours. */
  readonly secondRoot: (leafHashes: Iterable<Uint8Array>) => Uint8Array;
  /** Every rule of the ledger; resolves to the faults, as texts for people. */
  readonly judge: () => Promise<readonly string[]>;
  /** Time after the month during which events may still come, milliseconds. */
  readonly graceMs: number;
}

export interface ClosedPartition {
  readonly manifest: Manifest;
  readonly evidence: Evidence;
  /** False when the month was closed before. */
  readonly fresh: boolean;
}

/** Open months that can be closed now, ascending. */
export function closable(view: LedgerView, nowUnixMs: number, graceMs: number): Month[] {
  const open = view.partitions.filter(({ state }) => state === "open");
  return open.map(({ month }) => month).filter((month) => monthEndUnixMs(month) + graceMs <= nowUnixMs);
}

/** The month that has to be closed next, over or not; undefined while a ledger holds no event. */
export function nextToClose(view: LedgerView): PartitionView | undefined {
  return view.partitions.find(({ state }) => state === "open");
}

function requireClosable(view: LedgerView, month: Month, { clock, graceMs }: CloseDeps): PartitionView {
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

interface Trees {
  readonly root: Hash;
  readonly digest: Hash;
  readonly ledgerRoot: Hash;
  readonly ledgerSize: number;
}

/** Ledger log: months ascending, leaves in the order of their month, up to and with `month`. */
function hashPartition(
  view: LedgerView,
  partition: PartitionView,
  { sha256 }: CloseDeps,
  lines: readonly Uint8Array[],
): Trees {
  const leaf = (event: LedgerEvent): Hash => leafHash(idBytes(event.id), sha256);
  const month = treeAccumulator(sha256);
  for (const event of partition.events) month.append(leaf(event));
  const ledger = treeAccumulator(sha256);
  for (const each of view.partitions) {
    if (each.month <= partition.month) for (const event of each.events) ledger.append(leaf(event));
  }
  const digest = sha256(joined(lines));
  return { root: month.root(), digest, ledgerRoot: ledger.root(), ledgerSize: ledger.size };
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    at += line.length;
  }
  return bytes;
}

function requireSettlement(view: LedgerView, network: NetworkName, { key }: CloseDeps): SettlementInfo {
  const { settlement } = view;
  if (!settlement)
    throw new SettlementError(
      "SETTLEMENT_INFO_MISSING",
      "the ledger has no settlement.json, so its logs have no name; make one with: settlement init-ledger",
    );
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

/**
 * Closes one month for ever: judges the ledger, builds the tree, checks the root by a second implementation, and writes
 * tiles, nodes, evidence and checkpoints, and the manifest last: a month with a manifest is closed.
 *
 * Closing a closed month again changes nothing and gives the same answer.
 *
 * @throws SettlementError `PARTITION_NOT_FOUND`, `PARTITION_OUT_OF_ORDER`, `PARTITION_NOT_OVER`, `PARTITION_REJECTED`, `SECOND_ROOT_MISMATCH`
 */
export async function closePartition(month: Month, network: NetworkName, deps: CloseDeps): Promise<ClosedPartition> {
  const view = await readLedgerView(deps, monthOf(deps.clock()));
  const partition = requireClosable(view, month, deps);
  if (partition.manifest && partition.evidence)
    return { manifest: partition.manifest, evidence: partition.evidence, fresh: false };
  const settlement = requireSettlement(view, network, deps);
  const faults = await deps.judge();
  if (faults.length > 0) {
    throw new SettlementError(
      "PARTITION_REJECTED",
      `the ledger breaks its rules (${faults.length} faults), nothing was closed; first: ${faults[0] ?? ""}`,
    );
  }
  const lines = partition.events.map((event) => evidenceLine(event.json));
  const trees = hashPartition(view, partition, deps, lines);
  const second = deps.secondRoot(partition.events.map((event) => leafHash(idBytes(event.id), deps.sha256)));
  if (!equalBytes(second, trees.root)) {
    throw new SettlementError(
      "SECOND_ROOT_MISMATCH",
      `${month}: our root is ${toHex(trees.root)}, merkletreejs says ${toHex(second)}; nothing was closed`,
    );
  }
  const { manifest, evidence } = claimOf(view, partition, settlement, trees, deps);
  await writeClosed(view, partition, { manifest, evidence, trees, settlement }, deps);
  return { manifest, evidence, fresh: true };
}

function claimOf(
  view: LedgerView,
  { month, events }: PartitionView,
  settlement: SettlementInfo,
  trees: Trees,
  { sha256 }: CloseDeps,
): { manifest: Manifest; evidence: Evidence } {
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
    k: toHex(nodesRoot(view.nodes, sha256)),
    o: ledgerOrigin(settlement.host),
    s: trees.ledgerSize,
    l: toHex(trees.ledgerRoot),
  };
  return { manifest, evidence };
}

/** `nodes.json`: each node's manifest in canonical form on a line of its own, in the order of the nodes tree. */
function nodesJson(nodes: readonly { readonly id: string; readonly json: JsonObject }[]): Uint8Array {
  const lines = inTreeOrder(nodes).map(({ json }) => canonicalJson(json));
  return utf8(lines.length === 0 ? "[]\n" : `[\n${lines.join("\n,")}\n]\n`);
}

interface Closing extends Omit<ClosedPartition, "fresh"> {
  readonly trees: Trees;
  readonly settlement: SettlementInfo;
}

async function writeClosed(
  view: LedgerView,
  { month, events }: PartitionView,
  closing: Closing,
  { archive, key, sha256 }: CloseDeps,
): Promise<void> {
  const { manifest, evidence, trees, settlement } = closing;
  // A crash may have left files of an earlier try, made from other nodes; without a manifest they count for nothing.
  await archive.discard(month);
  const files: (readonly [name: string, bytes: Uint8Array])[] = [];
  const tiles = tileBuilder(({ path, bytes }) => files.push([path, bytes]), sha256);
  for (const event of events) tiles.append(idBytes(event.id));
  tiles.finish();
  const monthHead = { origin: monthOrigin(settlement.host, month), size: events.length, root: trees.root };
  const ledgerHead = { origin: evidence.o, size: trees.ledgerSize, root: trees.ledgerRoot };
  files.push(
    ["nodes.json", nodesJson(view.nodes)],
    ["evidence.json", publishedJson(evidence)],
    ["checkpoint", utf8(signCheckpoint(monthHead, key))],
    ["ledger-checkpoint", utf8(signCheckpoint(ledgerHead, key))],
    ["manifest.json", publishedJson(manifest)],
  );
  for (const [name, bytes] of files) await archive.write(month, name, bytes);
}
