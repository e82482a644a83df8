import { hash } from "node:crypto";
import { utf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { eventTypes, jsonlEventTypes } from "../core/event-types.ts";
import { type NativeEvent, nativeLine } from "../core/event.ts";
import { canonicalMembers, longestKeyId } from "../core/event-jsonl.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import { parseRfc3339 } from "../core/time.ts";
import type { ProvenEvent } from "./plain-lines.ts";
import { schemaFaults } from "./schema-faults.ts";

/** A good event, and its canonical JSON. */
export interface QuickEvent {
  readonly event: LedgerEvent;
  readonly line: () => Uint8Array;
}

/**
 * What `parseLedgerEvent` makes of an event that fits its schema, in a third of the time: what the schema demands is not
 * asked again.
 *
 * @param proven - the same event, of which id and grammar are known to be good; its JSON is of the dialect it says
 * @returns undefined where something is wrong or merely doubtful
 */
export function quickEvent(dialect: Dialect, value: JsonValue, proven?: ProvenEvent): QuickEvent | undefined {
  if (!isJsonObject(value) || (proven && proven.dialect !== dialect)) return undefined;
  return dialect === "monthly" ? quickMonthly(value, proven) : quickJsonl(value, proven);
}

function quickMonthly(json: JsonObject, proven?: ProvenEvent): QuickEvent | undefined {
  if (!proven && schemaFaults("event", json).length > 0) return undefined;
  const { id, type: name, nodeId, timestamp, payload, signature } = json;
  // Looking up what belongs to a type takes this text of its name, which is one for all of them.
  const type = eventTypes.find((known) => known === name);
  const isWhole =
    typeof id === "string" &&
    typeof nodeId === "string" &&
    typeof timestamp === "string" &&
    typeof signature === "string";
  if (!isWhole || type === undefined || !isJsonObject(payload)) return undefined;
  // But for the payload, the grammar is the schema.
  if (proven && schemaFaults(type, payload).length > 0) return undefined;
  const found = proven ?? provenMonthly({ id, type, nodeId, timestamp, signature }, payload);
  if (!found) return undefined;
  const { unixMs, line } = found;
  const event: Written<LedgerEvent> = { dialect: "monthly", id, type, nodeId, timestamp, unixMs, signature, json };
  const repo = textIn(payload, "repo");
  if (repo !== undefined) event.repo = repo;
  const version = textIn(payload, "version");
  if (version !== undefined) event.version = version;
  return { event, line };
}

type Proof = Pick<ProvenEvent, "unixMs" | "line">;

function provenMonthly(event: Omit<NativeEvent, "payload">, payload: JsonObject): Proof | undefined {
  const { id, type, nodeId, timestamp } = event;
  const said = canonicalJson(payload);
  if (hash("sha256", type + nodeId + timestamp + said, "hex") !== id) return undefined;
  return { unixMs: Date.parse(timestamp), line: () => utf8(nativeLine(event, said)) };
}

function quickJsonl(json: JsonObject, proven?: ProvenEvent): QuickEvent | undefined {
  if (schemaFaults("eventJsonl", json).length > 0) return undefined;
  const { type: name, repo, timestamp, signature: signed } = json;
  const type = jsonlEventTypes.find((known) => known === name);
  if (!type || typeof repo !== "string" || typeof timestamp !== "string" || !isJsonObject(signed)) return undefined;
  const { canonicalHash: id, keyId, value: signature } = signed;
  if (typeof id !== "string" || typeof keyId !== "string" || typeof signature !== "string") return undefined;
  // A schema counts characters outside the basic plane once, the parser twice.
  if (keyId.length > longestKeyId) return undefined;
  const found = proven ?? provenJsonl(id, timestamp, json);
  if (!found) return undefined;
  const { version } = json;
  const named = typeof version === "string" ? { version } : {};
  const { unixMs, line } = found;
  return { event: { dialect: "jsonl", id, type, repo, ...named, keyId, timestamp, unixMs, signature, json }, line };
}

function provenJsonl(id: string, timestamp: string, json: JsonObject): Proof | undefined {
  const members = canonicalMembers(json);
  const content = `{${members.filter((member) => !member.startsWith('"signature":')).join(",")}}`;
  const unixMs = instantOf(timestamp);
  if (unixMs === undefined || hash("sha256", content, "hex") !== id) return undefined;
  return { unixMs, line: () => utf8(`{${members.join(",")}}`) };
}

/** The commonest spelling, or any other by the slow way. */
function instantOf(timestamp: string): number | undefined {
  if (/^(?:19[7-9]|[2-8]\d\d)\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(timestamp)) return Date.parse(timestamp);
  try {
    return parseRfc3339(timestamp);
  } catch {
    return undefined;
  }
}

/** One that is not whole yet: to spread what it may have costs more than all else. */
type Written<T> = { -readonly [Name in keyof T]: T[Name] };

function textIn(payload: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
