import { utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { SettlementError } from "./error.ts";
import { nodeKinds, type NodeKind } from "./event-types.ts";
import { fieldsOf } from "./fields.ts";
import { type Hash, type Sha256, sha256 } from "./hash.ts";
import { parsePublicKey } from "./identity.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { type KeyWindow, parseKeyWindow } from "./key-window.ts";
import { rootOf, leafHash } from "./merkle.ts";
import { isNodeId, type NodeId } from "./node-id.ts";

/** A key that may speak for a node. */
export interface Maintainer {
  readonly name: string;
  readonly keyId?: string;
  readonly contact?: string;
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly window: KeyWindow;
}

/** What evidence needs of a `node.json`; the whole of it is judged by `schemas/node.schema.json`. */
export interface NodeManifest {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly provides: readonly string[];
  readonly consumes: readonly string[];
  readonly maintainers: readonly Maintainer[];
  readonly json: JsonObject;
}

function parseMaintainer(value: JsonValue, at: number): Maintainer {
  const fields = fieldsOf("NODE_MALFORMED", `node.maintainers[${at}]`, value);
  const optional = (name: "keyId" | "contact"): Record<string, string> =>
    fields.has(name) ? { [name]: fields.text(name, 120) } : {};
  return {
    name: fields.text("name", 80),
    ...optional("keyId"),
    ...optional("contact"),
    publicKey: parsePublicKey(fields.text("publicKey", 600)),
    window: parseKeyWindow(fields),
  };
}

function texts(values: readonly JsonValue[], fail: (message: string) => never, name: string): string[] {
  return values.map((value) => (typeof value === "string" ? value : fail(`${name} holds something other than texts`)));
}

/**
 * @throws SettlementError `NODE_MALFORMED`, and the codes of `parsePublicKey` and `parseKeyWindow`
 */
export function parseNodeManifest(value: JsonValue): NodeManifest {
  const fields = fieldsOf("NODE_MALFORMED", "node", value);
  const id = fields.text("id");
  if (!isNodeId(id)) {
    throw new SettlementError(
      "NODE_ID_MALFORMED",
      `node: id ${JSON.stringify(id.slice(0, 60))} is not written org/repo`,
    );
  }
  const maintainers = fields.list("maintainers", 100);
  if (maintainers.length === 0) fields.fail("maintainers is empty: a node needs at least one key");
  return {
    id,
    kind: fields.oneOf("kind", nodeKinds),
    provides: texts(fields.list("provides", 10_000), fields.fail, "provides"),
    consumes: texts(fields.list("consumes", 10_000), fields.fail, "consumes"),
    maintainers: maintainers.map(parseMaintainer),
    json: fields.object,
  };
}

/** The Merkle entry of a node in the nodes tree: SHA-256 of the JCS of its `node.json`. */
export function nodeEntry(node: JsonObject, hash: Sha256 = sha256): Hash {
  return hash(utf8(canonicalJson(node)));
}

/** Nodes in the order of the nodes tree: by id, as UTF-16 texts compare (ids are ASCII). */
export function inTreeOrder<T extends { readonly id: string }>(nodes: readonly T[]): T[] {
  return nodes.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Root `k` of the evidence memo: RFC 9162 over {@link nodeEntry} of each node, sorted by id. */
export function nodesRoot(nodes: readonly NodeManifest[], hash: Sha256 = sha256): Hash {
  return rootOf(
    inTreeOrder(nodes).map((node) => leafHash(nodeEntry(node.json, hash), hash)),
    hash,
  );
}
