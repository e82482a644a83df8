import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { EventEntry } from "./data.ts";

/** What is told of an event in a list; whatever its members hold, these are texts. */
export interface EventFacts {
  readonly type: string;
  readonly timestamp: string;
  readonly repo: string;
  readonly version: string;
  /** Who says that it signed: a node, or the name of a key. */
  readonly by: string;
}

function textAt(object: JsonObject, name: string): string {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "string" ? value : "";
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value: JsonValue | undefined = Object.hasOwn(object, name) ? object[name] : undefined;
  return isJsonObject(value) ? value : {};
}

export function eventFacts({ dialect, event }: Pick<EventEntry, "dialect" | "event">): EventFacts {
  const about = dialect === "jsonl" ? event : objectAt(event, "payload");
  const by = dialect === "jsonl" ? textAt(objectAt(event, "signature"), "keyId") : textAt(event, "nodeId");
  return {
    type: textAt(event, "type"),
    timestamp: textAt(event, "timestamp"),
    repo: textAt(about, "repo"),
    version: textAt(about, "version"),
    by,
  };
}

/** A text for a cell of a table, cut where it is long. */
export function cellText(text: string, limit = 80): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** What an event says, in one line. */
export function aboutText({ repo, version }: EventFacts): string {
  return cellText([repo, version].filter((part) => part !== "").join(" "));
}
