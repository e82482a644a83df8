import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** A text, or an empty one in place of whatever else stands there. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The objects in a list that is a member; nothing where there is no such list. */
export function objectsIn(value: JsonValue | undefined, member: string): readonly JsonObject[] {
  const list = isJsonObject(value) ? value[member] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
