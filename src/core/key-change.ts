import { equalBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { parsePublicKey, publicKeyForm } from "./identity.ts";
import type { JsonObject } from "./json.ts";
import type { KeyWindow, RevocationReason } from "./key-window.ts";
import type { MaintainerBlock } from "./make-node.ts";
import type { NodeId } from "./node-id.ts";
import { type Maintainer, type NodeManifest, parseNodeManifest } from "./node-manifest.ts";
import { formatTimestamp } from "./time.ts";

/** A node before and after a change of its keys, and what the jsonl dialect says of it in an event. */
export interface KeyChange {
  readonly nodeId: NodeId;
  /** The `node.json` with the new windows. */
  readonly node: JsonObject;
  /** Content of the KeyRotation or KeyRevocation, without time and signature. */
  readonly event: JsonObject;
  /** The key that ends. */
  readonly key: Maintainer;
}

/**
 * A key of a node by its id, its owner's name or the public key itself.
 *
 * @throws SettlementError `KEY_NOT_FOUND`, also where a name fits several keys
 */
export function keyNamed({ id, maintainers }: NodeManifest, name: string): number {
  const wanted = publicKeyForm(name) === undefined ? undefined : parsePublicKey(name);
  const fits = (key: Maintainer): boolean =>
    wanted ? equalBytes(key.publicKey, wanted) : name === (key.keyId ?? key.name);
  const found = maintainers.flatMap((key, at) => (fits(key) ? [at] : []));
  const [at] = found;
  if (at !== undefined && found.length === 1) return at;
  const names = maintainers.map(({ keyId, name: owner }) => keyId ?? owner).join(", ");
  const what = at === undefined ? "has no key" : "has several keys";
  throw new SettlementError("KEY_NOT_FOUND", `${id} ${what} ${JSON.stringify(name.slice(0, 60))}; it has ${names}`);
}

export interface Rotation {
  /** Name of the key that retires. */
  readonly retiring: string;
  readonly taking: MaintainerBlock;
  readonly atUnixMs: number;
}

/**
 * One key hands over to another: the old one is valid until that instant, the new one from then on.
 *
 * @throws SettlementError `KEY_NOT_FOUND`, `KEY_CHANGE_CONFLICT`
 */
export function rotateKey(node: NodeManifest, { retiring, taking, atUnixMs }: Rotation): KeyChange {
  const at = keyNamed(node, retiring);
  const key = keyAt(node, at);
  const name = key.keyId ?? key.name;
  if (key.window.revocationReason !== undefined) throw conflict(`${name} is revoked and hands over to no key`);
  if ((key.window.validUntil ?? Number.POSITIVE_INFINITY) <= atUnixMs) {
    throw conflict(`${name} is valid until ${formatTimestamp(key.window.validUntil ?? 0)} already, which is not later`);
  }
  if ((key.window.validFrom ?? Number.NEGATIVE_INFINITY) >= atUnixMs) {
    throw conflict(`${name} is not valid before ${formatTimestamp(atUnixMs)}, so it would never be`);
  }
  if (node.maintainers.some(({ keyId }) => keyId === taking.keyId)) {
    throw conflict(`a key of ${node.id} is called ${taking.keyId} already; give the new one another --name`);
  }
  const newKey = parsePublicKey(taking.publicKey);
  if (node.maintainers.some(({ publicKey }) => equalBytes(publicKey, newKey))) {
    throw conflict(`the new key is a key of ${node.id} already; make another one`);
  }
  const time = formatTimestamp(atUnixMs);
  const blocks = [...withWindow(node, at, { validUntil: time }), { ...taking, validFrom: time }];
  return {
    nodeId: node.id,
    node: { ...node.json, maintainers: blocks },
    event: {
      type: "KeyRotation",
      repo: node.id,
      key: {
        action: "rotate",
        retiringKeyId: name,
        newKeyId: taking.keyId,
        newPublicKey: taking.publicKey,
        effectiveAt: time,
      },
    },
    key,
  };
}

export interface Revocation {
  /** Name of the key that is revoked. */
  readonly key: string;
  readonly reason: RevocationReason;
  readonly atUnixMs: number;
  /** Invalidity date of a compromise; needed there, and only there. */
  readonly invalidAfterUnixMs?: number | undefined;
}

/**
 * A key may not sign any more. Of a compromised key nothing is trusted that it signed from its invalidity date on.
 *
 * A revocation is for ever: a second one can only be stricter.
 *
 * @throws SettlementError `KEY_NOT_FOUND`, `KEY_CHANGE_CONFLICT`
 */
export function revokeKey(
  node: NodeManifest,
  { key: name, reason, atUnixMs, invalidAfterUnixMs }: Revocation,
): KeyChange {
  const at = keyNamed(node, name);
  const key = keyAt(node, at);
  const isCompromise = reason === "compromise";
  if (isCompromise && (invalidAfterUnixMs ?? Number.POSITIVE_INFINITY) > atUnixMs) {
    throw conflict("a compromise needs the time since when nothing of the key is trusted, which is not in the future");
  }
  requireStricter(key, reason, invalidAfterUnixMs);
  const revokedAt = formatTimestamp(Math.min(atUnixMs, key.window.revokedAt ?? atUnixMs));
  const invalidAfter = invalidAfterUnixMs === undefined ? {} : { invalidAfter: formatTimestamp(invalidAfterUnixMs) };
  const window = { revokedAt, revocationReason: reason, ...(isCompromise ? invalidAfter : {}) };
  const said = { action: "revoke", revokedKeyId: key.keyId ?? key.name, reason };
  const since = isCompromise ? invalidAfter : { effectiveAt: revokedAt };
  return {
    nodeId: node.id,
    node: { ...node.json, maintainers: withWindow(node, at, window) },
    event: { type: "KeyRevocation", repo: node.id, key: { ...said, ...since } },
    key,
  };
}

function requireStricter(
  { keyId, name, window }: Maintainer,
  reason: RevocationReason,
  since: number | undefined,
): void {
  if (window.revocationReason === undefined) return;
  const isWorse = reason === "compromise" && window.revocationReason !== "compromise";
  const isEarlier = reason === "compromise" && (since ?? 0) < (window.invalidAfter ?? window.revokedAt ?? 0);
  if (isWorse || isEarlier) return;
  throw conflict(
    `${keyId ?? name} is revoked already (${window.revocationReason}); only a stricter revocation changes that`,
  );
}

function keyAt({ maintainers }: NodeManifest, at: number): Maintainer {
  const key = maintainers[at];
  if (key) return key;
  throw new RangeError(`there is no key ${at}`);
}

/** The maintainers with a window for one key, under whatever names the node lists it. */
function withWindow(
  node: NodeManifest,
  at: number,
  window: Partial<Record<keyof KeyWindow, string>>,
): readonly JsonObject[] {
  const { publicKey } = keyAt(node, at);
  const blocks = node.json["maintainers"] as readonly JsonObject[];
  return blocks.map((block, index) =>
    equalBytes(keyAt(node, index).publicKey, publicKey) ? { ...block, ...window } : block,
  );
}

function conflict(what: string): SettlementError {
  return new SettlementError("KEY_CHANGE_CONFLICT", what);
}

/** Keys that may sign at an instant or later, by the manifest alone. */
export function keysFrom(node: JsonObject, unixMs: number): readonly Maintainer[] {
  return parseNodeManifest(node).maintainers.filter(
    ({ window }) => window.revocationReason === undefined && (window.validUntil ?? Number.POSITIVE_INFINITY) > unixMs,
  );
}
