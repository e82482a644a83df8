import { concatBytes, fromBase64, fromHex, toHex, utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { SettlementError } from "./error.ts";
import { type EventType, eventTypes, isEventType } from "./event-types.ts";
import { fieldsOf } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { isNodeId, type NodeId } from "./node-id.ts";
import { parseTimestamp } from "./time.ts";

/** An event of the monthly dialect, well formed and with the id its content has. */
export interface NativeEvent {
  readonly id: string;
  readonly type: EventType;
  readonly nodeId: NodeId;
  readonly timestamp: string;
  readonly payload: JsonObject;
  /** Base64 of the 64-byte Ed25519 signature over the 32 raw bytes of the id. */
  readonly signature: string;
}

/** What the id of an event covers. */
export type EventContent = Pick<NativeEvent, "type" | "nodeId" | "timestamp" | "payload">;

/**
 * SHA-256 over UTF-8 of `type + nodeId + timestamp + JCS(payload)`: 32 bytes.
 *
 * Nothing separates the parts; the grammar does: no type is a prefix of another, a node id holds no colon and ends
 * where the fixed form of the timestamp begins, and the payload begins with a brace.
 */
export function eventIdBytes(content: EventContent, hash: Sha256 = sha256): Uint8Array {
  return hash(eventPreimage(content));
}

/** The bytes an event id is the SHA-256 of. */
export function eventPreimage({ type, nodeId, timestamp, payload }: EventContent): Uint8Array {
  return utf8(type + nodeId + timestamp + canonicalJson(payload));
}

/**
 * The content of an event, each member checked against its grammar; neither id nor signature are looked at.
 *
 * @throws SettlementError `EVENT_MALFORMED`, `EVENT_TYPE_UNKNOWN`, `TIMESTAMP_MALFORMED`
 */
export function parseEventContent(value: JsonValue): EventContent {
  const fields = fieldsOf("EVENT_MALFORMED", "event", value);
  const type = fields.text("type");
  if (!isEventType(type)) {
    throw new SettlementError(
      "EVENT_TYPE_UNKNOWN",
      `event: type ${JSON.stringify(type.slice(0, 40))} is none of ${eventTypes.join(", ")}`,
    );
  }
  const nodeId = fields.text("nodeId");
  if (!isNodeId(nodeId)) fields.fail(`nodeId ${JSON.stringify(nodeId.slice(0, 60))} is not written org/repo`);
  const timestamp = fields.text("timestamp");
  parseTimestamp(timestamp);
  const payload = fields.member("payload");
  if (!isJsonObject(payload)) fields.fail("payload must be an object");
  return { type, nodeId, timestamp, payload: payload as JsonObject };
}

/**
 * An event of the monthly dialect. The signature is checked for its form alone.
 *
 * @throws SettlementError as {@link parseEventContent}, and `EVENT_ID_MISMATCH`, `EVENT_SIGNATURE_MALFORMED`
 */
export function parseEvent(value: JsonValue, hash: Sha256 = sha256): NativeEvent {
  return parseEventLine(value, hash).event;
}

/** An event, and its JCS, of which its id covers a part. */
export interface EventLine<T> {
  readonly event: T;
  /** JCS of the whole event. */
  readonly line: string;
}

/** {@link parseEvent} and the JCS of the event, for little more. */
export function parseEventLine(value: JsonValue, hash: Sha256 = sha256): EventLine<NativeEvent> {
  const fields = fieldsOf("EVENT_MALFORMED", "event", value);
  fields.only("id", "type", "nodeId", "timestamp", "payload", "signature");
  const content = parseEventContent(value);
  const id = fields.hash("id");
  const signature = fields.text("signature");
  parseSignature(signature);
  const payload = canonicalJson(content.payload);
  const computed = toHex(hash(utf8(content.type + content.nodeId + content.timestamp + payload)));
  if (computed !== id) {
    throw new SettlementError(
      "EVENT_ID_MISMATCH",
      `event: the id says ${id}, the content hashes to ${computed}; the event was altered or its id made by another rule`,
    );
  }
  const event = { id, ...content, signature };
  return { event, line: nativeLine(event, payload) };
}

/**
 * JCS of an event whose members are well formed, so that none but the payload has anything to escape.
 *
 * @param payload - its JCS
 */
export function nativeLine(
  { id, nodeId, signature, timestamp, type }: Pick<NativeEvent, "id" | "nodeId" | "signature" | "timestamp" | "type">,
  payload: string,
): string {
  return `{"id":"${id}","nodeId":"${nodeId}","payload":${payload},"signature":"${signature}","timestamp":"${timestamp}","type":"${type}"}`;
}

/**
 * The 64 bytes of a signature from its one canonical base64 spelling.
 *
 * @throws SettlementError `EVENT_SIGNATURE_MALFORMED`
 */
export function parseSignature(text: string): Uint8Array {
  try {
    const bytes = fromBase64(text);
    if (bytes.length === 64) return bytes;
  } catch (cause) {
    throw new SettlementError("EVENT_SIGNATURE_MALFORMED", "event: the signature is not canonical padded base64", {
      cause,
    });
  }
  throw new SettlementError("EVENT_SIGNATURE_MALFORMED", "event: the signature is not 64 bytes long");
}

/** One line of the evidence digest: JCS of the whole event, signature included, and a line feed. */
export function evidenceLine(event: JsonObject): Uint8Array {
  return concatBytes(utf8(canonicalJson(event)), Uint8Array.of(10));
}

/** The 32 raw bytes of an id. */
export function idBytes(id: string): Uint8Array {
  return fromHex(id);
}
