import { parseEvent } from "./event.ts";
import { parseJsonlEvent } from "./event-jsonl.ts";
import type { JsonlEventType } from "./event-types.ts";
import { type Sha256, sha256 } from "./hash.ts";
import type { JsonObject, JsonValue } from "./json.ts";
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
  if (dialect === "jsonl") {
    const { id, type, repo, version, timestamp, keyId, signature, json } = parseJsonlEvent(value, hash);
    const named = version === undefined ? {} : { version };
    return { dialect, id, type, repo, ...named, keyId, timestamp, unixMs: parseRfc3339(timestamp), signature, json };
  }
  const { id, type, nodeId, timestamp, payload, signature } = parseEvent(value, hash);
  const repo = textMember(payload, "repo");
  const version = textMember(payload, "version");
  return {
    dialect,
    id,
    type,
    ...(repo === undefined ? {} : { repo }),
    ...(version === undefined ? {} : { version }),
    nodeId,
    timestamp,
    unixMs: parseTimestamp(timestamp),
    signature,
    json: value as JsonObject,
  };
}

/** The dialect an event is written in, told by its content. */
export function dialectOf(event: JsonObject): Dialect {
  return Object.hasOwn(event, "nodeId") || typeof event["signature"] === "string" ? "monthly" : "jsonl";
}
