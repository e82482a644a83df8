import { fromUtf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import { isJsonObject, parseJson } from "../core/json.ts";
import { dialectOf } from "../core/ledger-event.ts";
import { isNodeId, type NodeId } from "../core/node-id.ts";
import { type NodeManifest, parseNodeManifest } from "../core/node-manifest.ts";
import { type PartitionItem, scanLines, scanPartition } from "../core/partition-scan.ts";
import type { Policy } from "../core/policy.ts";
import { indexNodes, signersOf } from "../core/signer.ts";
import type { FileTree } from "../ports.ts";
import { linesPath, monthOfPath } from "./find-ledger.ts";
import { nowhere } from "./finding.ts";
import { maxEventBytes, readEntry, readItem } from "./read-event.ts";

/** What it takes to say whose an event is. */
export interface EventReading {
  readonly policy: Policy;
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
}

/** The node whose folder a path of the ledger folder is in. */
export function nodeOfPath(path: string): NodeId | undefined {
  const [, id = ""] = /^nodes\/([^/]+\/[^/]+)\/./s.exec(path) ?? [];
  return isNodeId(id) ? id : undefined;
}

/** Does a path of the ledger folder hold events? */
export function holdsEvents(path: string): boolean {
  return path === linesPath || monthOfPath(path) !== undefined;
}

/** The manifest of a node as it stands in a tree; undefined where there is none that can be read and is of this node. */
export async function manifestIn(tree: FileTree, root: string, id: NodeId): Promise<NodeManifest | undefined> {
  try {
    const bytes = await tree.read(`${root}nodes/${id}/node.json`);
    const node = bytes && parseNodeManifest(parseJson(bytes, { maxBytes: 1_048_576 }));
    return node?.id === id ? node : undefined;
  } catch (error) {
    if (error instanceof SettlementError && error.kind !== "unavailable") return undefined;
    throw error;
  }
}

/** Every manifest of a tree that stands in its own folder. */
export async function manifestsIn(tree: FileTree, root: string): Promise<readonly NodeManifest[]> {
  const paths = (await tree.entries(`${root}nodes`)).map(({ path }) => path.slice(root.length));
  const ids = paths.filter((path) => path.endsWith("/node.json")).flatMap((path) => nodeOfPath(path) ?? []);
  const nodes = await Promise.all(ids.map((id) => manifestIn(tree, root, id)));
  return nodes.filter((node) => node !== undefined);
}

/**
 * The nodes that speak in the events which a commit adds to its files or alters in them, each with a file they are in. In
 * the monthly dialect an event names its node; in the jsonl dialect it is whoever signed it, or else the repository.
 *
 * @param paths - files of events that the commit changes
 * @param parents - the trees it is compared with: an event that one of them has, in any of the files, is not new
 */
export async function speakersIn(
  tree: FileTree,
  parents: readonly FileTree[],
  paths: readonly string[],
  reading: EventReading & { readonly root: string },
): Promise<ReadonlyMap<NodeId, string>> {
  const before = (await Promise.all(parents.flatMap((each) => paths.map((path) => itemsIn(each, path))))).flat();
  const known = new Set(before.map(({ text }) => text));
  const speakers = new Map<NodeId, string>();
  for (const path of paths) {
    const other = (await itemsIn(tree, path)).filter(({ text }) => !known.has(text));
    // Spaces are no matter: what is not the same text may still be the same event.
    const same = other.length === 0 ? new Set<string>() : new Set(before.map(({ text }) => spelled(text)));
    const added = other.filter(({ text }) => !same.has(spelled(text)));
    if (added.length === 0) continue;
    for (const id of await speakersOf(path, added, tree, reading)) speakers.set(id, speakers.get(id) ?? path);
  }
  return speakers;
}

async function speakersOf(
  path: string,
  items: readonly PartitionItem[],
  tree: FileTree,
  { root, policy, verify, sha256 }: EventReading & { readonly root: string },
): Promise<Set<NodeId>> {
  const found = new Set<NodeId>();
  let index: ReturnType<typeof indexNodes> | undefined;
  for (const item of items) {
    const read = readItem(path, item, nowhere);
    if (!isJsonObject(read.value)) continue;
    const { event, isSound } = readEntry(dialectOf(read.value), read, { sink: nowhere, sha256 });
    if (!event) continue;
    index ??= indexNodes(event.dialect === "monthly" ? [] : await manifestsIn(tree, root), policy);
    const signers = event.dialect === "jsonl" && isSound ? signersOf(event, index, verify) : [];
    const [id] = signers.map(({ node }) => node.id);
    const speaker = id ?? event.nodeId ?? event.repo;
    if (speaker !== undefined) found.add(speaker);
  }
  return found;
}

async function itemsIn(tree: FileTree, path: string): Promise<readonly PartitionItem[]> {
  try {
    const text = fromUtf8((await tree.read(path)) ?? new Uint8Array());
    if (text === "") return [];
    return (path.endsWith("l") ? scanLines(text) : scanPartition(text)).items;
  } catch (error) {
    if (error instanceof SettlementError && error.kind !== "unavailable") return [];
    throw error;
  }
}

/** The canonical text of an event, or the text itself where it is no JSON. */
function spelled(text: string): string {
  try {
    return canonicalJson(parseJson(text, { maxBytes: maxEventBytes }));
  } catch (error) {
    if (error instanceof SettlementError) return text;
    throw error;
  }
}
