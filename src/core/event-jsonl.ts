import { toHex, utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { SettlementError } from "./error.ts";
import { type EventLine, parseSignature } from "./event.ts";
import { type JsonlEventType, jsonlEventTypes } from "./event-types.ts";
import { fieldsOf } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import { defaultMaxDepth, type JsonObject, type JsonValue } from "./json.ts";
import { isNodeId } from "./node-id.ts";
import { parseRfc3339 } from "./time.ts";

/** Longest key id, UTF-16 units. */
export const longestKeyId = 120;

/** An event of the jsonl dialect, read as far as evidence goes: its hash is recomputed, its members are not judged by schema. */
export interface JsonlEvent {
  /** `canonicalHash`, the Merkle entry of the event. */
  readonly id: string;
  readonly type: JsonlEventType;
  readonly repo: string;
  readonly version?: string;
  readonly timestamp: string;
  /** Unsigned: it only selects among the keys that verify. */
  readonly keyId: string;
  readonly signature: string;
  readonly json: JsonObject;
}

/** The members of the JCS of an event, in their order and without the braces and commas around them. */
export function canonicalMembers(event: JsonObject): string[] {
  return Object.keys(event)
    .toSorted()
    .map((name) => `${canonicalJson(name)}:${canonicalJson(event[name] ?? null, defaultMaxDepth - 1)}`);
}

/** SHA-256 of the JCS of the event without its `signature`: 32 bytes. */
export function jsonlEventHash(event: JsonObject, hash: Sha256 = sha256): Uint8Array {
  const { signature: _unsigned, ...rest } = event;
  return hash(utf8(canonicalJson(rest)));
}

/**
 * @throws SettlementError `EVENT_MALFORMED`, `TIMESTAMP_MALFORMED`, `EVENT_ID_MISMATCH`, `EVENT_SIGNATURE_MALFORMED`
 */
export function parseJsonlEvent(value: JsonValue, hash: Sha256 = sha256): JsonlEvent {
  return parseJsonlLine(value, hash).event;
}

/** {@link parseJsonlEvent} and the JCS of the event, for little more. */
export function parseJsonlLine(value: JsonValue, hash: Sha256 = sha256): EventLine<JsonlEvent> {
  const fields = fieldsOf("EVENT_MALFORMED", "event", value);
  const type = fields.oneOf("type", jsonlEventTypes);
  const repo = fields.text("repo");
  if (!isNodeId(repo)) fields.fail(`repo ${JSON.stringify(repo.slice(0, 60))} is not written org/repo`);
  const timestamp = fields.text("timestamp");
  parseRfc3339(timestamp);
  const signed = fields.reader("signature");
  signed.only("alg", "keyId", "value", "canonicalHash");
  signed.oneOf("alg", ["ed25519"]);
  const id = signed.hash("canonicalHash");
  const signature = signed.text("value");
  parseSignature(signature);
  const members = canonicalMembers(fields.object);
  const content = members.filter((member) => !member.startsWith('"signature":'));
  const computed = toHex(hash(utf8(`{${content.join(",")}}`)));
  if (computed !== id) {
    throw new SettlementError(
      "EVENT_ID_MISMATCH",
      `event: canonicalHash says ${id}, the content hashes to ${computed}; the event was altered after signing`,
    );
  }
  const version = fields.has("version") ? { version: fields.text("version") } : {};
  const keyId = signed.text("keyId", longestKeyId);
  const event = { id, type, repo, ...version, timestamp, keyId, signature, json: fields.object };
  return { event, line: `{${members.join(",")}}` };
}
