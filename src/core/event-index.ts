import { utf8 } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { fieldsOf } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import type { JsonValue } from "./json.ts";
import type { Dialect, LedgerEvent } from "./ledger-event.ts";
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
  /** Sorted index by what an event says of itself: see {@link termsOf}. */
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
    terms: fields.count("terms", termNames.length * maxLeaves),
    end: fields.count("end", maxOffset),
    rest: fields.count("rest", maxOffset),
  };
}

const termNames = ["repo", "version", "release", "type", "node"] as const;

export type TermName = (typeof termNames)[number];

/** Most terms of an event. */
export const maxTerms: number = termNames.length;

/** What an event can be searched by, at most one text a name. */
export function termsOf({
  repo,
  version,
  type,
  nodeId,
  keyId,
}: Pick<LedgerEvent, "repo" | "version" | "type" | "nodeId" | "keyId">): readonly (readonly [TermName, string])[] {
  const signer = nodeId ?? keyId;
  return [
    ...(repo === undefined ? [] : [["repo", repo] as const]),
    ...(version === undefined ? [] : [["version", version] as const]),
    ...(repo === undefined || version === undefined ? [] : [["release", `${repo}@${version}`] as const]),
    ["type", type],
    ...(signer === undefined ? [] : [["node", signer] as const]),
  ];
}

/** Key of a term: its first 34 bits. */
export function termKey(name: TermName, text: string, hash: Sha256 = sha256): bigint {
  return keyIn(hash(utf8(`${name}\n${text}`)), 0);
}

/** Key of an id: its first 34 bits. */
export function idKey(ids: Uint8Array, at = 0): bigint {
  return keyIn(ids, at);
}

function keyIn(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at) >> leafBits;
}

export function indexRecord(key: bigint, leaf: number): bigint {
  return (key << leafBits) | BigInt(leaf);
}

/** Leaves that may have a key, ascending, from a leaf on; another key may have the same 34 bits. */
export async function* leavesOf(read: ReadPart, count: number, key: bigint, from = 0): AsyncGenerator<number> {
  for await (const record of recordsFrom(read, count, indexRecord(key, from))) {
    if (record >> leafBits !== key) return;
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
  const view = new DataView(places.buffer, places.byteOffset);
  view.setUint8(placeBytes * leaf, Math.floor(offset / 2 ** 32));
  view.setUint32(placeBytes * leaf + 1, offset % 2 ** 32);
  view.setUint8(placeBytes * leaf + 5, length >>> 16);
  view.setUint16(placeBytes * leaf + 6, length & 0xffff);
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
