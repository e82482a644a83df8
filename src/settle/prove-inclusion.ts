import { toHex } from "../core/bytes.ts";
import type { Bundle, SidedPath } from "../core/bundle.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { Evidence } from "../core/evidence.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { leafHash, rootOf } from "../core/merkle.ts";
import { type HashReader, inclusionPath, type InclusionProof, memoryTree, pathSides } from "../core/merkle-proof.ts";
import type { Month } from "../core/month.ts";
import { isNodeId } from "../core/node-id.ts";
import { nodeEntry, type NodeManifest } from "../core/node-manifest.ts";
import { placed } from "../core/placed.ts";
import { defaultPolicy } from "../core/policy.ts";
import { indexNodes, type NodeIndex, signersOf } from "../core/signer.ts";
import { readXpop } from "../core/xrpl/xpop.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import type { LedgerView, PartitionView } from "./ledger-view.ts";
import { type MonthTree, proveLeaf, type TreeDeps } from "./month-tree.ts";
import { readClosedNodes, readClosedNote } from "./read-closed.ts";

export interface ProveDeps extends TreeDeps {
  readonly verify: VerifySignature;
}

/** A tree whose root was compared with the published one, ready to prove any of its leaves. */
interface CheckedTree {
  readonly hashes: HashReader;
  readonly size: number;
}

function checkedTree(leaves: readonly Hash[], root: string, what: string, sha256: Sha256): CheckedTree {
  const computed = toHex(rootOf(leaves, sha256));
  if (computed !== root) {
    throw new SettlementError(
      "LEDGER_REFUTED",
      `${what} hash to the root ${computed}, ${root} was published: the ledger was altered after the close`,
    );
  }
  return { hashes: memoryTree(leaves, sha256), size: leaves.length };
}

function pathOf({ hashes, size }: CheckedTree, index: number, sha256: Sha256): InclusionProof {
  return { index, size, path: inclusionPath(index, size, hashes, sha256) };
}

function sidedPath({ index, size, path }: InclusionProof): SidedPath {
  const sides = pathSides(index, size);
  return path.map((hash, at) => ({ side: sides[at] ?? "left", hash }));
}

/** Proves events of one closed month, each checked against the published root. */
export interface MonthProver {
  /** @throws SettlementError `LEDGER_REFUTED` when event, tiles and published root disagree */
  prove(index: number): Promise<Bundle>;
}

/**
 * @throws SettlementError `PARTITION_NOT_CLOSED`, `LEDGER_REFUTED` when nodes and published root disagree
 */
export async function monthProver(view: LedgerView, partition: PartitionView, deps: ProveDeps): Promise<MonthProver> {
  const { archive, verify, sha256 } = deps;
  const { month, manifest, evidence, receipt, events } = partition;
  const xpop = receipt && partition.xpop && placed(`anchors/${month}/xpop.json`, () => readXpop(partition.xpop ?? ""));
  if (!manifest || !evidence) {
    throw new SettlementError(
      "PARTITION_NOT_CLOSED",
      `${month} is not closed yet, so nothing of it can be proven; its root is made when the month is over`,
    );
  }
  const [checkpoint, ledgerCheckpoint, nodes] = await Promise.all([
    readClosedNote(archive, month, "checkpoint"),
    readClosedNote(archive, month, "ledger-checkpoint"),
    readClosedNodes(archive, month),
  ]);
  const tree: MonthTree = { month, root: manifest.root, size: manifest.count };
  const index = indexNodes(nodes, defaultPolicy);
  const nodesTree = checkedNodes(nodes, evidence, month, sha256);
  return {
    async prove(at) {
      const event = await events.at(at);
      const node = signerOf(event, index, verify);
      return {
        event,
        signer: { node, path: sidedPath(pathOf(nodesTree, nodes.indexOf(node), sha256)) },
        inclusion: await proveLeaf(view, tree, { index: at, id: event.id }, deps),
        manifest,
        evidence,
        checkpoint,
        ledgerCheckpoint,
        ...(receipt ? { receipt } : {}),
        ...(xpop ? { xpop } : {}),
      };
    },
  };
}

function checkedNodes(nodes: readonly NodeManifest[], evidence: Evidence, month: Month, sha256: Sha256): CheckedTree {
  const leaves = nodes.map(({ json }) => leafHash(nodeEntry(json, sha256), sha256));
  return checkedTree(leaves, evidence.k, `the nodes of ${month}`, sha256);
}

function signerOf(event: LedgerEvent, nodes: NodeIndex, verify: VerifySignature): NodeManifest {
  const [signer] = signersOf(event, nodes, verify);
  if (!signer) throw new SettlementError("LEDGER_REFUTED", `no node registered at the close signed event ${event.id}`);
  return signer.node;
}

/** An event by its id, or a release by `org/repo@version`. */
export type EventName = string;

/** Where an event is. */
export interface EventLeaf {
  readonly partition: PartitionView;
  readonly index: number;
}

/**
 * @throws SettlementError `EVENT_NOT_FOUND`; `EVENT_NAME_MALFORMED` for a text that is neither an id nor a release
 */
export async function findEvent(view: Pick<LedgerView, "partitions">, name: EventName): Promise<EventLeaf> {
  if (/^[0-9a-fA-F]{64}$/.test(name)) {
    // The newest are asked for most.
    for (const partition of view.partitions.toReversed()) {
      const index = await partition.events.find(name.toLowerCase());
      if (index !== undefined) return { partition, index };
    }
    throw new SettlementError("EVENT_NOT_FOUND", `the ledger holds no event ${name}`);
  }
  const [, repo, version] = /^([^@]*)@(.{1,200})$/.exec(name) ?? [];
  if (!isNodeId(repo)) {
    throw new SettlementError(
      "EVENT_NAME_MALFORMED",
      `${JSON.stringify(name.slice(0, 60))} is neither an event id (64 hex digits) nor a release, written org/repo@version`,
    );
  }
  for (const partition of view.partitions) {
    for await (const index of partition.events.search("release", name)) {
      if ((await partition.events.at(index)).type === "ReleasePublished") return { partition, index };
    }
  }
  throw new SettlementError("EVENT_NOT_FOUND", `the ledger holds no release ${repo} ${version}`);
}
