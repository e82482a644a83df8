import { hash } from "node:crypto";
import { canonicalJson } from "../core/canonical-json.ts";
import { isEventType, jsonlEventTypes } from "../core/event-types.ts";
import { nativeLine } from "../core/event.ts";
import { canonicalMembers } from "../core/event-jsonl.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import { parseRfc3339 } from "../core/time.ts";
import { schemaFaults } from "./schemas.ts";

/** A good event, and its canonical JSON with a line feed. */
export interface QuickEvent {
  readonly event: LedgerEvent;
  readonly line: () => string;
}

/**
 * What `parseLedgerEvent` makes of an event that fits its schema, in a third of the time: what the schema demands is not
 * asked again.
 *
 * @returns undefined where something is wrong or merely doubtful
 */
export function quickEvent(dialect: Dialect, value: JsonValue): QuickEvent | undefined {
  if (!isJsonObject(value)) return undefined;
  return dialect === "monthly" ? quickMonthly(value) : quickJsonl(value);
}

function quickMonthly(json: JsonObject): QuickEvent | undefined {
  if (schemaFaults("event", json).length > 0) return undefined;
  const { id, type, nodeId, timestamp, payload, signature } = json;
  const isWhole =
    typeof id === "string" &&
    typeof nodeId === "string" &&
    typeof timestamp === "string" &&
    typeof signature === "string";
  if (!isWhole || !isEventType(type) || !isJsonObject(payload)) return undefined;
  const said = canonicalJson(payload);
  if (hash("sha256", type + nodeId + timestamp + said, "hex") !== id) return undefined;
  return {
    event: {
      dialect: "monthly",
      id,
      type,
      ...namesIn(payload),
      nodeId,
      timestamp,
      unixMs: Date.parse(timestamp),
      signature,
      json,
    },
    line: () => `${nativeLine({ id, nodeId, signature, timestamp, type }, said)}\n`,
  };
}

function quickJsonl(json: JsonObject): QuickEvent | undefined {
  if (schemaFaults("eventJsonl", json).length > 0) return undefined;
  const { type: name, repo, timestamp, signature: signed } = json;
  const type = jsonlEventTypes.find((known) => known === name);
  if (!type || typeof repo !== "string" || typeof timestamp !== "string" || !isJsonObject(signed)) return undefined;
  const { canonicalHash: id, keyId, value: signature } = signed;
  if (typeof id !== "string" || typeof keyId !== "string" || typeof signature !== "string") return undefined;
  const members = canonicalMembers(json);
  const content = `{${members.filter((member) => !member.startsWith('"signature":')).join(",")}}`;
  if (hash("sha256", content, "hex") !== id) return undefined;
  const unixMs = instantOf(timestamp);
  if (unixMs === undefined) return undefined;
  const { version } = json;
  const named = typeof version === "string" ? { version } : {};
  return {
    event: { dialect: "jsonl", id, type, repo, ...named, keyId, timestamp, unixMs, signature, json },
    line: () => `{${members.join(",")}}\n`,
  };
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

function namesIn(payload: JsonObject): { readonly repo?: string; readonly version?: string } {
  const repo = Object.hasOwn(payload, "repo") ? payload["repo"] : undefined;
  const version = Object.hasOwn(payload, "version") ? payload["version"] : undefined;
  return {
    ...(typeof repo === "string" ? { repo } : {}),
    ...(typeof version === "string" ? { version } : {}),
  };
}
