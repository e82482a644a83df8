import { isNodeId } from "../../core/node-id.ts";

/** Filters of a search for events, each empty where it is not asked for. */
export interface EventSearch {
  readonly repo: string;
  readonly version: string;
  readonly type: string;
  readonly node: string;
}

/** Where somebody is in the console: every place has an address, which a server of plain files serves as well. */
export type Place =
  | { readonly kind: "ledger" }
  | { readonly kind: "month"; readonly month: string }
  | { readonly kind: "events"; readonly search: EventSearch }
  | { readonly kind: "event"; readonly id: string }
  | { readonly kind: "network" }
  | { readonly kind: "node"; readonly id: string }
  | { readonly kind: "release"; readonly repo: string; readonly version: string }
  | { readonly kind: "plots"; readonly month: string }
  | { readonly kind: "operator" }
  | { readonly kind: "about" }
  /** The address is none of the console's. */
  | { readonly kind: "unknown"; readonly text: string };

export const searchNames = ["repo", "version", "type", "node"] as const;

function partsOf(path: string): readonly string[] | undefined {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function searchOf(query: string): EventSearch {
  const given = new URLSearchParams(query);
  const text = (name: string): string => given.get(name) ?? "";
  return { repo: text("repo"), version: text("version"), type: text("type"), node: text("node") };
}

function deepPlace(
  [head = "", first = "", second = "", third = ""]: readonly string[],
  count: number,
): Place | undefined {
  switch (`${head} ${count}`) {
    case "months 2":
      return { kind: "month", month: first };
    case "events 2":
      return { kind: "event", id: first };
    case "nodes 3":
      return { kind: "node", id: `${first}/${second}` };
    case "releases 4":
      return { kind: "release", repo: `${first}/${second}`, version: third };
    default:
      return undefined;
  }
}

/** The place of a fragment such as `#/months/2026-03`. */
export function parsePlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const parts = partsOf(path);
  const unknown: Place = { kind: "unknown", text: hash };
  if (!parts) return unknown;
  switch (path) {
    case "":
      return { kind: "ledger" };
    case "events":
      return { kind: "events", search: searchOf(query) };
    case "nodes":
      return { kind: "network" };
    case "plots":
      return { kind: "plots", month: new URLSearchParams(query).get("month") ?? "" };
    case "operator":
    case "about":
      return { kind: path };
    default:
      return deepPlace(parts, parts.length) ?? unknown;
  }
}

/** A path of names that may hold anything. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join("/");
}

function queryOf(entries: readonly (readonly [name: string, value: string])[]): string {
  const given = entries.filter(([, value]) => value !== "");
  const text = new URLSearchParams(Object.fromEntries(given)).toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of a place, the reverse of {@link parsePlace}. */
export function hashOf(place: Exclude<Place, { kind: "unknown" }>): string {
  switch (place.kind) {
    case "ledger":
      return "#/";
    case "month":
      return `#/months/${pathOf(place.month)}`;
    case "events":
      return `#/events${queryOf(searchNames.map((name) => [name, place.search[name]]))}`;
    case "event":
      return `#/events/${pathOf(place.id)}`;
    case "network":
      return "#/nodes";
    case "node":
      return `#/nodes/${pathOf(...place.id.split("/"))}`;
    case "release":
      return `#/releases/${pathOf(...place.repo.split("/"), place.version)}`;
    case "plots":
      return `#/plots${queryOf([["month", place.month]])}`;
    case "operator":
    case "about":
      return `#/${place.kind}`;
    default:
      return place satisfies never;
  }
}

export const noSearch: EventSearch = { repo: "", version: "", type: "", node: "" };

/** Where a name leads that somebody looks for; undefined for what is no name. */
export function placeOfName(text: string): Place | undefined {
  const name = text.trim();
  if (/^[0-9a-f]{64}$/i.test(name)) return { kind: "event", id: name.toLowerCase() };
  if (/^\d{4}-\d{2}$/.test(name)) return { kind: "month", month: name };
  const [, repo = "", version = ""] = /^([^\s@]+)(?:@|\s+)(\S+)$/.exec(name) ?? [];
  if (isNodeId(repo)) return { kind: "release", repo, version };
  return isNodeId(name) ? { kind: "events", search: { ...noSearch, repo: name } } : undefined;
}
