import { utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { VerifySignature } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { parseSignature } from "./event.ts";
import { fieldsOf } from "./fields.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { keyVerdict } from "./key-window.ts";
import { type NodeManifest, parseNodeManifest } from "./node-manifest.ts";
import { parseTimestamp } from "./time.ts";

/** A wish of governance that a ledger take in a node. */
export interface NodeRequest {
  readonly manifest: NodeManifest;
  /** The node.json as it was sent. */
  readonly node: JsonObject;
  /** Node of kind governance that asks for it. */
  readonly by: string;
  /** Origin of the ledger that it is meant for. */
  readonly origin: string;
  readonly atUnixMs: number;
  readonly signature: Uint8Array;
}

/** Time between the signature and its coming in, either way: who hears it cannot use it later. */
const windowMs = 900_000;

const purpose = "repomesh-node-request-v1\n";

/** What the signature is over: UTF-8 of a line that names the purpose, and the JCS of the request without signature. */
export function nodeRequestMessage(request: {
  readonly node: JsonObject;
  readonly by: string;
  readonly origin: string;
  readonly at: string;
}): Uint8Array {
  const { node, by, origin, at } = request;
  return utf8(purpose + canonicalJson({ v: 1, at, by, node, origin }));
}

/** @throws SettlementError `REQUEST_MALFORMED`, those of {@link parseNodeManifest}, `TIMESTAMP_MALFORMED`, `EVENT_SIGNATURE_MALFORMED` */
export function parseNodeRequest(value: JsonValue): NodeRequest & { readonly at: string } {
  const fields = fieldsOf("REQUEST_MALFORMED", "request", value);
  fields.version(1);
  fields.only("v", "at", "by", "node", "origin", "signature");
  const node = fields.reader("node").object;
  const at = fields.text("at", 40);
  return {
    manifest: parseNodeManifest(node),
    node,
    by: fields.text("by", 200),
    origin: fields.text("origin", 200),
    at,
    atUnixMs: parseTimestamp(at),
    signature: parseSignature(fields.text("signature", 100)),
  };
}

/**
 * Returns when a key of a node of kind governance asks this ledger for it now.
 *
 * @throws SettlementError `NODE_REQUEST_REFUSED`
 */
export function requireGovernance(
  request: ReturnType<typeof parseNodeRequest>,
  ledger: { readonly nodes: readonly NodeManifest[]; readonly origin: string },
  nowUnixMs: number,
  verify: VerifySignature,
): void {
  const { by, origin, atUnixMs, signature } = request;
  const refuse = (why: string): never => {
    throw new SettlementError("NODE_REQUEST_REFUSED", `the request is not granted: ${why}`);
  };
  if (origin !== ledger.origin) refuse(`it is meant for ${origin}, this ledger is ${ledger.origin}`);
  if (Math.abs(nowUnixMs - atUnixMs) > windowMs)
    refuse("it was not signed within the last quarter of an hour; sign it again");
  const node = ledger.nodes.find(({ id }) => id === by);
  if (node?.kind !== "governance") return refuse(`${by} is no node of kind governance in this ledger`);
  const message = nodeRequestMessage(request);
  const signers = node.maintainers.filter(({ publicKey }) => verify(publicKey, message, signature));
  if (signers.length === 0) refuse(`the signature is by no key of ${by}`);
  // A key that is listed under several names may sign when it may under each of them.
  for (const { window, keyId, name } of signers) {
    const verdict = keyVerdict(window, { claimed: nowUnixMs });
    if (!verdict.valid) refuse(`the key ${keyId ?? name} of ${by} may not sign now: ${verdict.detail}`);
  }
}
