import { toHex } from "./bytes.ts";
import type { VerifySignature } from "./ed25519.ts";
import { idBytes, parseSignature } from "./event.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { NodeId } from "./node-id.ts";
import type { Maintainer, NodeManifest } from "./node-manifest.ts";
import { mayEmit, type Policy } from "./policy.ts";

/** A key that made a signature, and a node whose key it is. */
export interface Signer {
  readonly node: NodeManifest;
  readonly key: Maintainer;
  /**
   * Does the event name this key? A monthly event names none and a key without an id answers to every name: they fit
   * each other always.
   */
  readonly named: boolean;
}

/** Everybody who holds one public key. */
interface SharedKey {
  readonly publicKey: Uint8Array;
  /** As an event has them that names them all. */
  readonly holders: Signer[];
}

/** Keys that may sign an event, each once however many nodes hold it. */
interface KeyRing {
  readonly keys: readonly SharedKey[];
  readonly byKeyId: ReadonlyMap<string | undefined, readonly SharedKey[]>;
}

/** The nodes of a ledger, arranged so that the signer of an event is found without going through all of them. */
export interface NodeIndex {
  readonly byId: ReadonlyMap<NodeId, NodeManifest>;
  readonly policy: Policy;
  /**
   * Keys of the nodes that may speak in an event of this dialect and type about this repository. In the monthly dialect
   * those of the node that says it speaks, whatever its kind: the table of kinds is another rule.
   */
  keyRing(event: Pick<LedgerEvent, "dialect" | "type" | "nodeId" | "repo">): KeyRing;
  /** One name for all nodes that share a key, be it through others: together they are one witness. */
  witness(node: NodeId): NodeId;
}

/** @param nodes - one manifest for each id; the last one counts where an id comes twice */
export function indexNodes(nodes: Iterable<NodeManifest>, policy: Policy): NodeIndex {
  const byId = new Map(Array.from(nodes, (node) => [node.id, node]));
  const sortedNodes = [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const witnesses = witnessesOf(sortedNodes);
  const rings = new Map<string, KeyRing>();
  const ring = (name: string, speakers: () => readonly NodeManifest[]): KeyRing => {
    const found = rings.get(name) ?? keyRingOf(speakers());
    rings.set(name, found);
    return found;
  };
  return {
    byId,
    policy,
    keyRing(event) {
      const { dialect, type } = event;
      const own = byId.get((dialect === "monthly" ? event.nodeId : event.repo) ?? "");
      if (dialect === "monthly") return ring(own?.id ?? "", () => (own ? [own] : []));
      // Whom the policy lets speak of others does not hang on the repository: one ring serves all of them.
      const others = (): NodeManifest[] => sortedNodes.filter((node) => mayEmit({ dialect, type }, node, policy));
      const isOthersAlone = !own || mayEmit({ dialect, type }, own, policy) || !mayEmit(event, own, policy);
      return isOthersAlone ? ring(type, others) : ring(`${type} ${own.id}`, () => [own, ...others()]);
    },
    witness: (node) => witnesses.get(node) ?? node,
  };
}

function keyRingOf(nodes: readonly NodeManifest[]): KeyRing {
  const keys = new Map<string, SharedKey>();
  const byKeyId = new Map<string | undefined, SharedKey[]>();
  for (const node of nodes) {
    for (const key of node.maintainers) {
      const hex = toHex(key.publicKey);
      const shared = keys.get(hex) ?? { publicKey: key.publicKey, holders: [] };
      keys.set(hex, shared);
      shared.holders.push({ node, key, named: true });
      const named = byKeyId.get(key.keyId) ?? [];
      byKeyId.set(key.keyId, named);
      named.push(shared);
    }
  }
  return { keys: [...keys.values()], byKeyId };
}

/** The least id of each group of nodes that shared keys tie together. */
function witnessesOf(sortedNodes: readonly NodeManifest[]): ReadonlyMap<NodeId, NodeId> {
  const lesser = new Map<NodeId, NodeId>();
  const least = (id: NodeId): NodeId => {
    let at = id;
    for (let next = lesser.get(at); next !== undefined; next = lesser.get(at)) {
      lesser.set(at, lesser.get(next) ?? next);
      at = next;
    }
    return at;
  };
  const holders = new Map<string, NodeId>();
  for (const { id, maintainers } of sortedNodes) {
    for (const { publicKey } of maintainers) {
      const hex = toHex(publicKey);
      const [a, b] = [least(holders.get(hex) ?? id), least(id)];
      if (a !== b) lesser.set(a < b ? b : a, a < b ? a : b);
      holders.set(hex, id);
    }
  }
  return new Map(sortedNodes.map(({ id }) => [id, least(id)]));
}

/** How far to look for a signer. */
export interface SignerSearch {
  /** Only keys that the event names: enough to accept it, not always enough to say what is wrong with it. */
  readonly namedOnly?: boolean;
}

/**
 * Who signed an event: every node that may emit it and holds the key that verifies, those the event names first.
 *
 * The key id of a jsonl event is not signed, so it only selects among the signers; an event with signers of whom none is
 * named says who signed it and is wrong about it. One signature verifies under one key, so the search ends there.
 */
export function signersOf(
  event: LedgerEvent,
  index: NodeIndex,
  verify: VerifySignature,
  { namedOnly = false }: SignerSearch = {},
): readonly Signer[] {
  const { keys, byKeyId } = index.keyRing(event);
  const named = event.dialect === "monthly" ? keys : [event.keyId, undefined].flatMap((id) => byKeyId.get(id) ?? []);
  const message = idBytes(event.id);
  const signature = parseSignature(event.signature);
  const isSignedBy = ({ publicKey }: SharedKey): boolean => verify(publicKey, message, signature);
  const signing =
    named.find(isSignedBy) ?? (namedOnly ? undefined : keys.find((key) => !named.includes(key) && isSignedBy(key)));
  if (!signing) return [];
  const isNamed = ({ key: { keyId } }: Signer): boolean => keyId === undefined || keyId === event.keyId;
  const { holders } = signing;
  if (event.dialect === "monthly" || holders.every(isNamed)) return holders;
  const signers = holders.map((holder) => ({ ...holder, named: isNamed(holder) }));
  return signers.toSorted((a, b) => Number(b.named) - Number(a.named));
}
