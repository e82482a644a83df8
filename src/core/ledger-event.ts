import { type EventLine, type NativeEvent, parseEventLine } from "./event.ts";
import { parseJsonlLine } from "./event-jsonl.ts";
import type { JsonlEventType } from "./event-types.ts";
import { type Sha256, sha256 } from "./hash.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { parseRfc3339, parseTimestamp } from "./time.ts";

/** How a ledger writes its events. A ledger is of one dialect. */
export type Dialect = "monthly" | "jsonl";

/** An event of either dialect as proofs, partitions and searches see it. */
export interface LedgerEvent {
  readonly dialect: Dialect;
  /** Lower-case hex of the 32 bytes that are the Merkle entry of the event. */
  readonly id: string;
  readonly type: JsonlEventType;
  /** The repository the event speaks of, where it names one. */
  readonly repo?: string;
  readonly version?: string;
  /** The node that says it signed (monthly dialect); a jsonl event does not name one. */
  readonly nodeId?: string;
  /** The key that says it signed (jsonl dialect); unsigned. */
  readonly keyId?: string;
  readonly timestamp: string;
  readonly unixMs: number;
  /** Base64 of the Ed25519 signature over the 32 bytes of the id. */
  readonly signature: string;
  /** The whole event as it was read. */
  readonly json: JsonObject;
}

function textMember(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

/**
 * One event of a ledger, its id recomputed.
 *
 * @throws SettlementError of {@link parseEvent} or {@link parseJsonlEvent}
 */
export function parseLedgerEvent(dialect: Dialect, value: JsonValue, hash: Sha256 = sha256): LedgerEvent {
  return parseLedgerLine(dialect, value, hash).event;
}

/** {@link parseLedgerEvent} and the JCS of the event, for little more. */
export function parseLedgerLine(dialect: Dialect, value: JsonValue, hash: Sha256 = sha256): EventLine<LedgerEvent> {
  if (dialect === "jsonl") {
    const { event, line } = parseJsonlLine(value, hash);
    const { version, timestamp, ...rest } = event;
    const named = version === undefined ? {} : { version };
    return { event: { dialect, ...rest, ...named, timestamp, unixMs: parseRfc3339(timestamp) }, line };
  }
  const { event, line } = parseEventLine(value, hash);
  return { event: { dialect, ...namesIn(event.payload), ...nativeFacts(event), json: value as JsonObject }, line };
}

type NativeFacts = Pick<LedgerEvent, "id" | "type" | "nodeId" | "timestamp" | "unixMs" | "signature">;

function nativeFacts({ id, type, nodeId, timestamp, signature }: NativeEvent): NativeFacts {
  return { id, type, nodeId, timestamp, unixMs: parseTimestamp(timestamp), signature };
}

function namesIn(payload: JsonObject): { readonly repo?: string; readonly version?: string } {
  const repo = textMember(payload, "repo");
  const version = textMember(payload, "version");
  return { ...(repo === undefined ? {} : { repo }), ...(version === undefined ? {} : { version }) };
}

/** What an event says: its payload, or a jsonl event itself. */
export function eventContent({ dialect, json }: Pick<LedgerEvent, "dialect" | "json">): JsonObject {
  const payload = json["payload"];
  return dialect === "monthly" && isJsonObject(payload) ? payload : json;
}

/** The dialect an event is written in, told by its content. */
export function dialectOf(event: JsonObject): Dialect {
  return Object.hasOwn(event, "nodeId") || typeof event["signature"] === "string" ? "monthly" : "jsonl";
}
