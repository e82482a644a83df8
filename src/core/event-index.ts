import { utf8 } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { fieldsOf } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import type { JsonValue } from "./json.ts";
import { type Dialect, eventContent, type LedgerEvent } from "./ledger-event.ts";
import { isAnchorEvent } from "./network-anchor.ts";
import type { PartitionForm } from "./partition-file.ts";
import { type ReadPart, recordsFrom } from "./sorted-index.ts";

/**
 * Where the events of a closed month are: files beside its tiles, derived and made again at any time, by which an event is
 * found in a few small reads. They are taken at their word; whatever is found by them is checked against the event itself
 * and the root.
 */
export const indexFiles = {
  facts: "index/facts.json",
  /** Sorted index by id. */
  ids: "index/ids",
  /** Sorted index by what an event says: see {@link termsOf}. */
  terms: "index/terms",
  /** By leaf, where its text is: 8 bytes each. */
  places: "index/places",
} as const;

/** A record is 34 bits of a key and 30 bits of a leaf index. */
const leafBits = 30n;
const maxLeaves = 2 ** 30;
const placeBytes = 8;
const maxOffset = 2 ** 40;

/** Most bytes of one event. */
export const maxEventBytes = 2 ** 24 - 1;

export interface IndexFacts {
  readonly dialect: Dialect;
  /** Has the month a file of its own, or is it in the one list? */
  readonly form: PartitionForm;
  /** Events of the month. */
  readonly count: number;
  /** Records of the index of terms. */
  readonly terms: number;
  /** Byte offset behind the start of the month's last event; 0 for a month without events. */
  readonly end: number;
  /** Every event that begins before this byte offset of the file is in this month or an earlier one. */
  readonly rest: number;
  /** Are events found by what they are about, too? Earlier indexes did not have it. */
  readonly about: boolean;
}

export function indexFactsJson(facts: IndexFacts): Readonly<Record<string, unknown>> {
  return { v: 1, ...facts };
}

/** @throws SettlementError `INDEX_MALFORMED`, `FORMAT_VERSION_UNKNOWN` */
export function parseIndexFacts(value: JsonValue): IndexFacts {
  const fields = fieldsOf("INDEX_MALFORMED", "index/facts.json", value);
  fields.version(1);
  return {
    dialect: fields.oneOf("dialect", ["monthly", "jsonl"]),
    form: fields.oneOf("form", ["array", "lines"]),
    count: fields.count("count", maxLeaves),
    terms: fields.count("terms", maxTerms * maxLeaves),
    end: fields.count("end", maxOffset),
    rest: fields.count("rest", maxOffset),
    about: fields.object["about"] === true,
  };
}

/** The text of the term `about` of what a jsonl network says of its own anchors. */
export const anchorTerm = "ledger.anchor";

export type TermName = "repo" | "version" | "release" | "type" | "node" | "about";

/** Most terms of an event: one of each name, and two of `about`. */
export const maxTerms = 7;

type Termed = Pick<LedgerEvent, "dialect" | "repo" | "version" | "type" | "nodeId" | "keyId" | "json">;

/** What an event can be searched by. Whatever makes the keys of its terms in another way makes all of these. */
export function termsOf(event: Termed): readonly (readonly [TermName, string])[] {
  const { repo, version, type, nodeId, keyId } = event;
  const signer = nodeId ?? keyId;
  return [
    ...(repo === undefined ? [] : [["repo", repo] as const]),
    ...(version === undefined ? [] : [["version", version] as const]),
    ...(repo === undefined || version === undefined ? [] : [["release", releaseTerm(repo, version)] as const]),
    ["type", type],
    ...(signer === undefined ? [] : [["node", signer] as const]),
    ...aboutOf(event).map((text) => ["about", text] as const),
  ];
}

/** The text of the terms `release` and `about` for a version of a repository; `version` is empty for all of them. */
export function releaseTerm(repo: string, version: string): string {
  return `${repo}@${version}`;
}

/** The event that an event attests, the version that one without a version comes to, or the network's anchors. */
function aboutOf(event: Termed): readonly string[] {
  const { dialect, repo, version, json } = event;
  const content = eventContent(event);
  const target = content["targetEventId"];
  const to = content["toVersion"];
  return [
    ...(dialect === "monthly" && typeof target === "string" ? [target] : []),
    ...(dialect === "jsonl" && isAnchorEvent({ type: event.type, json }) ? [anchorTerm] : []),
    ...(repo === undefined || version !== undefined ? [] : [releaseTerm(repo, typeof to === "string" ? to : "")]),
  ];
}

/** Key of a term: its first 34 bits. */
export function termKey(name: TermName, text: string, hash: Sha256 = sha256): number {
  return firstBits(hash(utf8(`${name}\n${text}`)), 0);
}

/** Key of an id: its first 34 bits. */
export function idKey(ids: Uint8Array, at = 0): number {
  return firstBits(ids, at);
}

/** The first 34 bits of a hash. */
export function firstBits(hash: Uint8Array, at: number): number {
  const low = ((hash[at + 1] ?? 0) << 16) | ((hash[at + 2] ?? 0) << 8) | (hash[at + 3] ?? 0);
  return (hash[at] ?? 0) * 2 ** 26 + low * 4 + ((hash[at + 4] ?? 0) >> 6);
}

/** The high 32 bits of a record. */
export function recordHigh(key: number): number {
  return Math.floor(key / 4);
}

/** The low 32 bits of a record. */
export function recordLow(key: number, leaf: number): number {
  return (((key % 4) << 30) | leaf) >>> 0;
}

/** @param key - 34 bits */
function indexRecord(key: number, leaf: number): bigint {
  return (BigInt(key) << leafBits) | BigInt(leaf);
}

/** Leaves that may have a key, ascending, from a leaf on; another key may have the same 34 bits. */
export async function* leavesOf(read: ReadPart, count: number, key: number, from = 0): AsyncGenerator<number> {
  for await (const record of recordsFrom(read, count, indexRecord(key, from))) {
    if (Number(record >> leafBits) !== key) return;
    yield Number(BigInt.asUintN(Number(leafBits), record));
  }
}

/** Where the text of an event is in the file that holds it, bytes. */
export interface EventPlace {
  readonly offset: number;
  readonly length: number;
}

/** Adds a place to the places of a month: 5 bytes of its offset, 3 of its length. */
export function writePlace(places: Uint8Array, leaf: number, { offset, length }: EventPlace): void {
  const at = placeBytes * leaf;
  const low = offset % 2 ** 32;
  places[at] = Math.floor(offset / 2 ** 32);
  places[at + 1] = low >>> 24;
  places[at + 2] = low >>> 16;
  places[at + 3] = low >>> 8;
  places[at + 4] = low;
  places[at + 5] = length >>> 16;
  places[at + 6] = length >>> 8;
  places[at + 7] = length;
}

/** Places of the leaves `from` up to `to`. @throws SettlementError `INDEX_MALFORMED` */
export async function readPlaces(read: ReadPart, from: number, to: number): Promise<readonly EventPlace[]> {
  const length = placeBytes * (to - from);
  const bytes = await read(placeBytes * from, length);
  if (bytes.length !== length) throw new SettlementError("INDEX_MALFORMED", `the index has no place of leaf ${to - 1}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  return Array.from({ length: to - from }, (_, leaf) => ({
    offset: view.getUint8(placeBytes * leaf) * 2 ** 32 + view.getUint32(placeBytes * leaf + 1),
    length: view.getUint8(placeBytes * leaf + 5) * 2 ** 16 + view.getUint16(placeBytes * leaf + 6),
  }));
}
