import { fromUtf8, utf8 } from "./bytes.ts";
import { cachedByText } from "./byte-cache.ts";
import { anchorTerm } from "./event-index.ts";
import { longestKeyId } from "./event-jsonl.ts";
import { eventTypes, jsonlEventTypes } from "./event-types.ts";
import type { Dialect } from "./ledger-event.ts";
import { isNodeId } from "./node-id.ts";
import { type Members, type PlainJson, plainJson, readPlainObject, spanWidth } from "./plain-json.ts";
import { isPlainSignature, timeReader } from "./plain-fields.ts";

/** Writes the SHA-256 of the bytes from `start` up to `end` into `target`. */
export type HashRange = (start: number, end: number, target: Uint8Array, at: number) => void;

/** A text between its quotes. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** An event whose text is plain JSON, by where its parts are. */
export interface PlainEvent {
  readonly dialect: Dialect;
  readonly unixMs: number;
  /** Its JCS begins where its text did, and ends here. */
  readonly end: number;
  readonly repo: Part | undefined;
  readonly version: Part | undefined;
  readonly toVersion: Part | undefined;
  /** The event it attests. */
  readonly target: Part | undefined;
  readonly type: Part;
  /** Node or key that says it signed. */
  readonly signer: Part;
}

/**
 * What `parseLedgerLine` makes of the event at `at`, in a fraction of the time; its text becomes its JCS.
 *
 * @param ids - takes the 32 bytes of its id, from `idAt` on
 * @returns undefined where something is wrong or merely doubtful; the text may be another then
 */
export type ReadPlainEvent = (at: number, ids: Uint8Array, idAt: number) => PlainEvent | undefined;

function nameBytes(name: string): Uint8Array {
  return utf8(`"${name}":`);
}

/** Members in canonical order. */
const nativeNames = ["id", "nodeId", "payload", "signature", "timestamp", "type"].map(nameBytes);
const signatureNames = ["alg", "canonicalHash", "keyId", "value"].map(nameBytes);
const repoName = nameBytes("repo");
const versionName = nameBytes("version");
const toVersionName = nameBytes("toVersion");
const targetName = nameBytes("targetEventId");
const nodeIdName = nameBytes("nodeId");
const signatureName = nameBytes("signature");
const timestampName = nameBytes("timestamp");
const typeName = nameBytes("type");

const nativeTypes = eventTypes.map((type) => utf8(type));
const jsonlTypes = jsonlEventTypes.map((type) => utf8(type));
const ed25519 = utf8("ed25519");
const anchorClaim = utf8(`"type":"${anchorTerm}"`);

const longestText = 1000;

const braceOpen = 0x7b;

/** What it takes to read events. */
interface Source extends PlainJson {
  readonly hash: HashRange;
  /** Milliseconds since 1970 of the time that is written there; NaN where none is. */
  readonly unixMsAt: (start: number, end: number) => number;
  /** 1 for the id of a node. */
  readonly isNode: (start: number, end: number) => number;
}

/**
 * @param bytes - UTF-8, with a line feed behind each event
 * @param spare - from here on there is as much room as the longest event takes
 */
export function plainEvents(bytes: Uint8Array, spare: number, hash: HashRange): ReadPlainEvent {
  const isNode = cachedByText(bytes, (start, end) => (isNodeId(fromUtf8(bytes.subarray(start, end))) ? 1 : 0));
  const source: Source = { ...plainJson(bytes, spare), hash, unixMsAt: timeReader(bytes), isNode };
  const { members } = source;
  return (at, ids, idAt) => {
    const end = readPlainObject(source, at);
    if (end < 0) return undefined;
    const isNative = hasNames(bytes, members, nativeNames);
    const read = isNative ? readNative(source, end) : readJsonl(source, at, end);
    return read && isIdOf(source, read, ids, idAt) ? read.event : undefined;
  };
}

/** An event whose id was not recomputed yet. */
interface Unproven {
  readonly event: PlainEvent;
  /** Digits of its id. */
  readonly id: Part;
  /** What it is the hash of was put together behind `spare`, up to here. */
  readonly contentEnd: number;
}

function readNative(source: Source, end: number): Unproven | undefined {
  const { bytes, members, inner, spare } = source;
  const [id, nodeId, signature] = [textOf(source, members, 0), textOf(source, members, 1), textOf(source, members, 3)];
  const [timestamp, type] = [textOf(source, members, 4), textOf(source, members, 5)];
  const payload = members.spans[spanWidth * 2 + 1] ?? 0;
  if (!id || !nodeId || !signature || !timestamp || !type || bytes[payload] !== braceOpen) return undefined;
  const unixMs = provenTime(source, { type, node: nodeId, timestamp, signature }, nativeTypes);
  if (unixMs === undefined) return undefined;
  let to = put(bytes, spare, type.start, type.end);
  to = put(bytes, to, nodeId.start, nodeId.end);
  to = put(bytes, to, timestamp.start, timestamp.end);
  const contentEnd = put(bytes, to, payload, members.spans[spanWidth * 2 + 2] ?? 0);
  const said = (name: Uint8Array): Part | undefined =>
    textOf(source, inner, find(bytes, inner, name, payload), payload);
  const event: PlainEvent = {
    dialect: "monthly",
    unixMs,
    end,
    repo: said(repoName),
    version: said(versionName),
    toVersion: said(toVersionName),
    target: said(targetName),
    type,
    signer: nodeId,
  };
  return { event, id, contentEnd };
}

function readJsonl(source: Source, at: number, end: number): Unproven | undefined {
  const { bytes, members } = source;
  const signed = signatureOf(source);
  // What may be an anchor of the network is found by that, too.
  if (!signed || find(bytes, members, nodeIdName) >= 0 || includes(bytes, at, end, anchorClaim)) return undefined;
  const said = (name: Uint8Array): Part | undefined => textOf(source, members, find(bytes, members, name));
  const [repo, timestamp, type] = [said(repoName), said(timestampName), said(typeName)];
  const version = said(versionName);
  const hasBadVersion = find(bytes, members, versionName) >= 0 && !(version && isUpTo(version, longestText));
  if (!repo || !timestamp || !type || hasBadVersion) return undefined;
  const { id, signer, signature } = signed;
  const unixMs = provenTime(source, { type, node: repo, timestamp, signature }, jsonlTypes);
  if (unixMs === undefined) return undefined;
  const toVersion = said(toVersionName);
  const event: PlainEvent = {
    dialect: "jsonl",
    unixMs,
    end,
    repo,
    version,
    toVersion,
    target: undefined,
    type,
    signer,
  };
  return { event, id, contentEnd: putContent(source, at, end) };
}

/** What the signature of a jsonl event says. */
function signatureOf(
  source: Source,
): { readonly id: Part; readonly signer: Part; readonly signature: Part } | undefined {
  const { bytes, members, inner, objects } = source;
  const at = members.spans[spanWidth * find(bytes, members, signatureName) + 1] ?? 0;
  if (bytes[at] !== braceOpen || objects !== 1 || members.count === 1) return undefined;
  if (!hasNames(bytes, inner, signatureNames, at)) return undefined;
  const [kind, id] = [textOf(source, inner, 0, at), textOf(source, inner, 1, at)];
  const [signer, signature] = [textOf(source, inner, 2, at), textOf(source, inner, 3, at)];
  const isWhole = kind && id && signer && signature && isOneOf(bytes, kind, [ed25519]) && isUpTo(signer, longestKeyId);
  return isWhole ? { id, signer, signature } : undefined;
}

/** Puts a jsonl event together without its signature. @returns where that ends */
function putContent({ bytes, members, spare }: Source, at: number, end: number): number {
  const member = find(bytes, members, signatureName);
  const isFirst = member === 0;
  const start = (members.spans[spanWidth * member] ?? 0) - (isFirst ? 0 : 1);
  const rest = (members.spans[spanWidth * member + 2] ?? 0) + (isFirst ? 1 : 0);
  return put(bytes, put(bytes, spare, at, start), rest, end);
}

interface Fields {
  readonly type: Part;
  readonly node: Part;
  readonly timestamp: Part;
  readonly signature: Part;
}

/** The time of an event; undefined unless each of its fields is as its grammar says. */
function provenTime(source: Source, fields: Fields, types: readonly Uint8Array[]): number | undefined {
  const { bytes, isNode, unixMsAt } = source;
  const { type, node, timestamp, signature } = fields;
  const unixMs = unixMsAt(timestamp.start, timestamp.end);
  const isGood =
    unixMs >= 0 &&
    isOneOf(bytes, type, types) &&
    isNode(node.start, node.end) === 1 &&
    isPlainSignature(bytes, signature.start, signature.end);
  return isGood ? unixMs : undefined;
}

/** Hashes the content of an event. @returns is that its id? */
function isIdOf({ bytes, spare, hash }: Source, { id, contentEnd }: Unproven, ids: Uint8Array, idAt: number): boolean {
  if (id.end - id.start !== 64) return false;
  hash(spare, contentEnd, ids, idAt);
  for (let at = 0; at < 32; at++) {
    const byte = ids[idAt + at] ?? 0;
    const one = id.start + 2 * at;
    if (bytes[one] !== hexDigit(byte >> 4) || bytes[one + 1] !== hexDigit(byte & 15)) return false;
  }
  return true;
}

/** The text that is the value of a member. @param base - where the spans are counted from */
function textOf({ bytes }: Source, { spans, count }: Members, member: number, base = 0): Part | undefined {
  if (member < 0 || member >= count) return undefined;
  const start = base + (spans[spanWidth * member + 1] ?? 0);
  const end = base + (spans[spanWidth * member + 2] ?? 0);
  return bytes[start] === 0x22 ? { start: start + 1, end: end - 1 } : undefined;
}

/** Which member has this name, -1 for none. */
function find(bytes: Uint8Array, { spans, count }: Members, name: Uint8Array, base = 0): number {
  for (let member = 0; member < count; member++) {
    const start = base + (spans[spanWidth * member] ?? 0);
    const end = base + (spans[spanWidth * member + 1] ?? 0);
    if (end - start === name.length && holds(bytes, start, name)) return member;
  }
  return -1;
}

function hasNames(bytes: Uint8Array, members: Members, names: readonly Uint8Array[], base = 0): boolean {
  return members.count === names.length && names.every((name, member) => find(bytes, members, name, base) === member);
}

function put(bytes: Uint8Array, to: number, start: number, end: number): number {
  bytes.copyWithin(to, start, end);
  return to + end - start;
}

function isUpTo({ start, end }: Part, most: number): boolean {
  return end - start <= most;
}

function holds(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let offset = 0; offset < text.length; offset++) if (bytes[at + offset] !== text[offset]) return false;
  return true;
}

function includes(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  for (let at = start; at + text.length <= end; at++) {
    if (holds(bytes, at, text)) return true;
  }
  return false;
}

function isOneOf(bytes: Uint8Array, { start, end }: Part, texts: readonly Uint8Array[]): boolean {
  return texts.some((text) => text.length === end - start && holds(bytes, start, text));
}

/** Character of a lower-case hex digit. Without a branch, which of random digits nothing can predict. */
function hexDigit(value: number): number {
  return 0x30 + value + (((9 - value) >> 31) & 0x27);
}
