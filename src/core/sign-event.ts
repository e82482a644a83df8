import { toBase64, toHex } from "./bytes.ts";
import type { SignMessage } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { eventIdBytes, parseEventContent } from "./event.ts";
import { jsonlEventHash } from "./event-jsonl.ts";
import { type FieldReader, fieldsOf } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import type { Dialect } from "./ledger-event.ts";
import type { NodeId } from "./node-id.ts";
import { formatTimestamp } from "./time.ts";

/** What an event that leaves something out gets. */
export interface Draft {
  /** Told by the content when left out. */
  readonly dialect?: Dialect | undefined;
  /** The node that speaks. */
  readonly nodeId?: NodeId | undefined;
  readonly nowUnixMs: number;
}

/** Who signs. */
export interface EventSigner {
  readonly sign: SignMessage;
  /** Needed in the jsonl dialect alone. */
  readonly keyId?: string | undefined;
}

/** An event with its signature, and the id that it covers. */
export interface SignedEvent {
  readonly id: string;
  readonly event: JsonObject;
}

/** An event without id and signature, in its dialect. */
export interface UnsignedEvent {
  readonly dialect: Dialect;
  readonly content: JsonObject;
}

/**
 * The content of an event to be signed: whole, or only its type and payload. Node, repository and time are filled in
 * where they are missing; in the jsonl dialect a payload's members become those of the event.
 *
 * @throws SettlementError `EVENT_MALFORMED`, also for an event that is signed already; `NODE_ID_MALFORMED` without a node
 */
export function draftEvent(value: JsonValue, draft: Draft): UnsignedEvent {
  const fields = fieldsOf("EVENT_MALFORMED", "event", value);
  if (fields.has("signature") || fields.has("id")) {
    fields.fail("it has an id or a signature already; give its content alone, or hand it in as it is");
  }
  const dialect = draft.dialect ?? (fields.has("nodeId") || fields.has("payload") ? "monthly" : "jsonl");
  const timestamp = formatTimestamp(Math.floor(draft.nowUnixMs / 1000) * 1000);
  const content =
    dialect === "monthly" ? monthlyContent(fields, draft, timestamp) : jsonlContent(fields, draft, timestamp);
  return { dialect, content };
}

function monthlyContent(fields: FieldReader, { nodeId }: Draft, timestamp: string): JsonObject {
  const speaker = fields.has("nodeId") ? {} : { nodeId: nodeId ?? noNode() };
  const { type = null, ...rest } = fields.object;
  return { type, ...speaker, timestamp, ...rest };
}

function jsonlContent(fields: FieldReader, { nodeId }: Draft, timestamp: string): JsonObject {
  if (fields.has("nodeId")) fields.fail("an event of the jsonl dialect has a repo and no nodeId");
  const { payload = {}, type = null, ...rest } = fields.object;
  const said = isJsonObject(payload) ? payload : fields.fail("payload must be an object");
  const repo = Object.hasOwn(said, "repo") || fields.has("repo") ? {} : { repo: nodeId ?? noNode() };
  return { type, ...repo, ...said, timestamp, ...rest };
}

function noNode(): never {
  throw new SettlementError("NODE_ID_MALFORMED", "the event names no node; give it with --id org/repo, or --node");
}

/**
 * The event with its id and signature.
 *
 * @throws SettlementError as {@link parseEventContent}; `EVENT_MALFORMED` for a jsonl event without a key id
 */
export function signEvent(
  { dialect, content }: UnsignedEvent,
  signer: EventSigner,
  hash: Sha256 = sha256,
): SignedEvent {
  if (dialect === "monthly") {
    fieldsOf("EVENT_MALFORMED", "event", content).only("type", "nodeId", "timestamp", "payload");
    const { type, nodeId, timestamp, payload } = parseEventContent(content);
    const id = eventIdBytes({ type, nodeId, timestamp, payload }, hash);
    const signature = toBase64(signer.sign(id));
    return { id: toHex(id), event: { id: toHex(id), type, nodeId, timestamp, payload, signature } };
  }
  const { keyId } = signer;
  if (keyId === undefined) {
    throw new SettlementError(
      "EVENT_MALFORMED",
      "an event of the jsonl dialect names the key that signs: give --key-id, or the manifest with --node",
    );
  }
  const id = jsonlEventHash(content, hash);
  const signature = { alg: "ed25519", keyId, value: toBase64(signer.sign(id)), canonicalHash: toHex(id) };
  return { id: toHex(id), event: { ...content, signature } };
}
