import { isHashHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { eventIdBytes, parseEventContent } from "../core/event.ts";
import { jsonlEventTypes } from "../core/event-types.ts";
import type { Sha256 } from "../core/hash.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../core/json.ts";
import { type Dialect, dialectOf, type LedgerEvent, parseLedgerEvent } from "../core/ledger-event.ts";
import { isNodeId } from "../core/node-id.ts";
import type { PartitionItem } from "../core/partition-scan.ts";
import { parseRfc3339, parseTimestamp } from "../core/time.ts";
import type { FindingSink } from "./finding.ts";
import type { FindingCode } from "./finding-codes.ts";
import type { Entry } from "./ledger-state.ts";
import { schemaFaults } from "./schema-faults.ts";

/** More than any event of either dialect needs. */
export const maxEventBytes = 1_048_576;

/** An event as JSON. */
export type JsonItem = Pick<Entry, "place" | "text" | "value">;

/** Parses the text of one event. */
export function readItem(file: string, { line, index, text }: PartitionItem, sink: FindingSink): JsonItem {
  const place = { file, line, index };
  try {
    return { place, text, value: parseJson(text, { maxBytes: maxEventBytes }) };
  } catch (error) {
    sink.addError(error, place);
    return { place, text, value: undefined };
  }
}

/** Reads one event as far as it goes, and reports everything that is wrong with its form. */
export function readEntry(
  dialect: Dialect,
  item: JsonItem,
  { sink, sha256 }: { readonly sink: FindingSink; readonly sha256: Sha256 },
): Entry {
  const { place, value } = item;
  const unread = { ...item, event: undefined, isSound: false };
  if (value === undefined) return unread;
  if (isJsonObject(value) && dialectOf(value) !== dialect) {
    sink.add("LEDGER_MIXED_DIALECTS", place, `an event of the ${dialectOf(value)} dialect in a ${dialect} ledger`);
    return unread;
  }
  const form = reportForm(dialect, value, place, sink);
  try {
    return { ...item, event: parseLedgerEvent(dialect, value, sha256), isSound: true };
  } catch (error) {
    if (!(error instanceof SettlementError) || !form.has(error.code)) sink.addError(error, place);
    return { ...item, event: readContent(dialect, value), isSound: false };
  }
}

/** Faults by the published schemas, that of the payload's type included. */
function reportForm(dialect: Dialect, value: JsonValue, place: Entry["place"], sink: FindingSink): Set<FindingCode> {
  const messages = new Map(
    schemaFaults(dialect === "monthly" ? "event" : "eventJsonl", value).map(({ pointer, message }) => [
      message,
      codeOf(dialect, pointer, value),
    ]),
  );
  for (const [message, code] of messages) sink.add(code, place, message);
  return new Set(messages.values());
}

function codeOf(dialect: Dialect, pointer: string, value: JsonValue): FindingCode {
  const [, member, inner] = pointer.split("/");
  if (member === "type") return "EVENT_TYPE_UNKNOWN";
  if (member === "timestamp") return "TIMESTAMP_MALFORMED";
  if (dialect === "jsonl") return inner === "value" ? "EVENT_SIGNATURE_MALFORMED" : "EVENT_MALFORMED";
  if (member === "signature") return "EVENT_SIGNATURE_MALFORMED";
  const hasPayload = member === "payload" && isJsonObject(value) && isJsonObject(value["payload"]);
  return hasPayload ? "PAYLOAD_INVALID" : "EVENT_MALFORMED";
}

/** The event with the id it claims, whatever the content hashes to, so that the rules about its content still judge it. */
function readContent(dialect: Dialect, value: JsonValue): LedgerEvent | undefined {
  if (!isJsonObject(value)) return undefined;
  try {
    return dialect === "monthly" ? readMonthly(value) : readJsonl(value);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

function readMonthly(json: JsonObject): LedgerEvent {
  const content = parseEventContent(json);
  const { type, nodeId, timestamp, payload } = content;
  const { id, signature } = json;
  return {
    dialect: "monthly",
    id: isHashHex(id) ? id : toHex(eventIdBytes(content)),
    type,
    ...textsOf(payload, "repo", "version"),
    nodeId,
    timestamp,
    unixMs: parseTimestamp(timestamp),
    signature: typeof signature === "string" ? signature : "",
    json,
  };
}

function readJsonl(json: JsonObject): LedgerEvent | undefined {
  const { type: name, repo, timestamp, signature } = json;
  const type = jsonlEventTypes.find((known) => known === name);
  const signed = isJsonObject(signature) ? signature : {};
  const id = signed["canonicalHash"];
  if (!type || typeof repo !== "string" || !isNodeId(repo) || typeof timestamp !== "string" || !isHashHex(id)) {
    return undefined;
  }
  return {
    dialect: "jsonl",
    id,
    type,
    repo,
    ...textsOf(json, "version"),
    ...textsOf(signed, "keyId"),
    timestamp,
    unixMs: parseRfc3339(timestamp),
    signature: typeof signed["value"] === "string" ? signed["value"] : "",
    json,
  };
}

function textsOf(object: JsonObject, ...names: readonly string[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (typeof value === "string") texts[name] = value;
  }
  return texts;
}
