import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import type { Chance } from "../simulator/chance.ts";

export type Path = readonly (string | number)[];

export interface Place {
  readonly path: Path;
  readonly value: JsonValue;
}

export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Members of an object and items of a list, each under its name. */
export function childrenOf(value: JsonValue): (readonly [name: string | number, child: JsonValue])[] {
  if (isList(value)) return value.map((child, at) => [at, child] as const);
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** Every value of a document, the document first. */
export function placesIn(value: JsonValue, path: Path = [], into: Place[] = []): Place[] {
  into.push({ path, value });
  for (const [name, child] of childrenOf(value)) placesIn(child, [...path, name], into);
  return into;
}

/** A place by chance: half of the time any, else by going down from the top, so that long lists are not everything. */
export function anyPlace(value: JsonValue, chance: Chance): Place {
  if (chance.happens(0.5)) return chance.pick(placesIn(value));
  let place: Place = { path: [], value };
  for (;;) {
    const children = childrenOf(place.value);
    if (children.length === 0 || (place.path.length > 0 && chance.happens(0.15))) return place;
    const [name, child] = chance.pick(children);
    place = { path: [...place.path, name], value: child };
  }
}

export function valueAt(value: JsonValue, path: Path): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const name of path) {
    if (at === undefined) return undefined;
    at = childrenOf(at).find(([own]) => own === name)?.[1];
  }
  return at;
}

/** The document with another value in one place; the rest is shared. */
export function replaced(whole: JsonValue, [name, ...rest]: Path, value: JsonValue): JsonValue {
  if (name === undefined) return value;
  if (isList(whole)) return whole.with(Number(name), replaced(whole[Number(name)] ?? null, rest, value));
  const object = isJsonObject(whole) ? whole : {};
  return withMember(object, String(name), replaced(object[name] ?? null, rest, value));
}

/** `__proto__` would be taken for the prototype if it were assigned. */
export function withMember(object: JsonObject, name: string, value: JsonValue): JsonObject {
  return Object.fromEntries([...Object.entries(object).filter(([own]) => own !== name), [name, value]]);
}

export function pathText(path: Path): string {
  return path.length === 0 ? "$" : `$.${path.join(".")}`;
}
