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
function childrenOf(value: JsonValue): (readonly [name: string | number, child: JsonValue])[] {
  if (isList(value)) return value.map((child, at) => [at, child] as const);
  return isJsonObject(value) ? Object.entries(value) : [];
}

function placesIn(value: JsonValue, path: Path = [], into: Place[] = []): Place[] {
  into.push({ path, value });
  for (const [name, child] of childrenOf(value)) {
    if (into.length >= maxPlaces) break;
    placesIn(child, [...path, name], into);
  }
  return into;
}

/** More than any seed has; a document that has as many is large enough and not changed any more. */
const maxPlaces = 4000;

export function isLarge(document: JsonValue): boolean {
  return placesOf(document).length >= maxPlaces;
}

const remembered = new WeakMap<object, readonly Place[]>();

/** Keeps the places of a document that is asked for them again and again. */
export function rememberPlaces(document: JsonValue): void {
  if (typeof document === "object" && document !== null) remembered.set(document, placesIn(document));
}

/** Every value of a document. */
export function placesOf(document: JsonValue): readonly Place[] {
  return (typeof document === "object" && document !== null && remembered.get(document)) || placesIn(document);
}

/** A place by chance: half of the time any, else by going down from the top, so that long lists are not everything. */
export function anyPlace(value: JsonValue, chance: Chance): Place {
  if (chance.happens(0.5)) return chance.pick(placesOf(value));
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
  if (name !== "__proto__") return { ...object, [name]: value };
  return Object.fromEntries([...Object.entries(object).filter(([own]) => own !== name), [name, value]]);
}

export function pathText(path: Path): string {
  const shown = path.length <= 12 ? path : [...path.slice(0, 6), `(${path.length - 12} more)`, ...path.slice(-6)];
  return ["$", ...shown].join(".");
}
