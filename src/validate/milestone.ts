import { equalBytes, fromUtf8, utf8 } from "../core/bytes.ts";
import type { Dialect } from "../core/ledger-event.ts";
import { sortRecords } from "../core/record-sort.ts";
import type { TreeEntry } from "../ports.ts";
import { type CheckedBytes, checkedFile, DamagedFile, openChecked, type RandomFile } from "./checked-file.ts";

/** Where milestones are kept, outside of every ledger. What is lost or damaged costs time and nothing else. */
export interface MilestoneStore {
  open(name: string): RandomFile | undefined;
  write(name: string, pieces: Iterable<Uint8Array>): void;
  remove(name: string): void;
}

/** A file of events as it was. */
export interface KnownFile {
  readonly path: string;
  readonly count: number;
  /** See `FileTree.tags`; null where it was not known. */
  readonly tag: string | null;
  /** Of a file that may grow: bytes before its closing bracket, and their SHA-256 in hex. */
  readonly kept: { readonly bytes: number; readonly digest: string } | null;
}

/** Any other name of the ledger folder. */
export interface KnownEntry {
  readonly path: string;
  readonly kind: TreeEntry["kind"];
  /** Null for what is no plain file. */
  readonly tag: string | null;
}

/** An event that is judged again when others have come: its text, and where it stands. */
export interface KnownText {
  readonly file: string;
  readonly index: number;
  readonly line: number;
  readonly text: string;
}

export interface MilestoneFacts {
  /** What the ledger was judged by, as a text. */
  readonly basis: string;
  readonly dialect: Dialect;
  /** In the order of their events. */
  readonly files: readonly KnownFile[];
  readonly others: readonly KnownEntry[];
  /** Of all files of events. */
  readonly bytes: number;
  readonly events: number;
  readonly objects: number;
  readonly monthly: number;
  /** Time of the latest event, milliseconds since 1970. */
  readonly latestUnixMs: number;
  readonly texts: readonly KnownText[];
}

/** What the rules remember of events that were judged, looked up where it is kept. */
export interface KnownEvents {
  readonly size: number;
  /** First position of an event, -1 when there is none. @throws DamagedFile */
  find(ids: Uint8Array, at: number): number;
  /** 32 bytes. @throws DamagedFile */
  id(position: number): Uint8Array;
  /** May be true of what nobody said, and is never false of what somebody did. @throws DamagedFile */
  isSaid(digests: Uint8Array, at: number): boolean;
}

/** A state of a ledger with which nothing was wrong. */
export interface Milestone extends Disposable {
  readonly facts: MilestoneFacts;
  readonly known: KnownEvents;
}

/** What is to be remembered of events, by position. */
export interface EventList {
  readonly size: number;
  /** 32 bytes; valid until the next call. */
  id(position: number): Uint8Array;
  readonly saidCount: number;
  /** At least 8 bytes; valid until the next call. */
  said(number: number): Uint8Array;
}

/** A record is 36 bits of an id and the position of the event. */
const positionBits = 28n;
const maxEvents = 2 ** 28;
const prefixMask = 0xf0000000;
const idBytes = 32;
const recordBytes = 8;
const recordsAtOnce = 8192;

function prefixOf(bytes: Uint8Array, at: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at);
}

/** Remembers a state of a ledger; one of very many events is not worth it. */
export function writeMilestone(store: MilestoneStore, name: string, facts: MilestoneFacts, events: EventList): void {
  if (events.size < maxEvents) store.write(name, checkedFile(piecesOf(facts, events)));
}

function* piecesOf(facts: MilestoneFacts, { size, id, saidCount, said }: EventList): Generator<Uint8Array> {
  const records = new Uint32Array(2 * size);
  for (let start = 0; start < size; start += recordsAtOnce) {
    const count = Math.min(recordsAtOnce, size - start);
    const ids = new Uint8Array(idBytes * count);
    const view = new DataView(ids.buffer);
    for (let at = 0; at < count; at++) {
      ids.set(id(start + at), idBytes * at);
      records[2 * (start + at)] = view.getUint32(idBytes * at);
      records[2 * (start + at) + 1] = (view.getUint32(idBytes * at + 4) & prefixMask) | (start + at);
    }
    yield ids;
  }
  yield* recordPieces(records);
  const sayings = new Uint32Array(2 * saidCount);
  for (let at = 0; at < saidCount; at++) {
    const digest = said(at);
    const view = new DataView(digest.buffer, digest.byteOffset);
    sayings[2 * at] = view.getUint32(0);
    sayings[2 * at + 1] = view.getUint32(4);
  }
  yield* recordPieces(sayings);
  const head = utf8(JSON.stringify({ v: 1, ...facts, ids: size, said: saidCount }));
  yield head;
  yield uint32(head.length);
}

/** @param records - the high and the low half of each, one after the other; their memory is given back */
function* recordPieces(records: Uint32Array<ArrayBuffer>): Generator<Uint8Array> {
  const spare = new Uint32Array(records.length);
  sortRecords(records, spare);
  spare.buffer.transfer(0);
  for (let start = 0; start < records.length; start += 2 * recordsAtOnce) {
    const part = records.subarray(start, start + 2 * recordsAtOnce);
    const bytes = new Uint8Array(4 * part.length);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < part.length; at++) view.setUint32(4 * at, part[at] ?? 0);
    yield bytes;
  }
  records.buffer.transfer(0);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Undefined when there is none, or it is damaged. */
export function openMilestone(store: MilestoneStore, name: string): Milestone | undefined {
  const file = store.open(name);
  if (!file) return undefined;
  try {
    const bytes = openChecked(file);
    const headLength = new DataView(bytes.read(bytes.length - 4, 4).buffer).getUint32(0);
    // The checksums are right, so it is what this version of the program wrote.
    const head = JSON.parse(fromUtf8(bytes.read(bytes.length - 4 - headLength, headLength))) as Head;
    if (head.v !== 1) throw new DamagedFile();
    return { facts: head, known: knownEvents(bytes, head), [Symbol.dispose]: () => file[Symbol.dispose]() };
  } catch (error) {
    file[Symbol.dispose]();
    if (error instanceof DamagedFile) return undefined;
    throw error;
  }
}

interface Head extends MilestoneFacts {
  readonly v: number;
  readonly ids: number;
  readonly said: number;
}

function knownEvents(bytes: CheckedBytes, { ids, said }: Head): KnownEvents {
  const records = recordList(bytes, idBytes * ids, ids);
  const sayings = recordList(bytes, (idBytes + recordBytes) * ids, said);
  const id = (position: number): Uint8Array => bytes.read(idBytes * position, idBytes);
  return {
    size: ids,
    id,
    find(from, at) {
      const wanted = from.subarray(at, at + idBytes);
      const key = prefixOf(from, at) >> positionBits;
      for (let record = records.firstFrom(key << positionBits); record < ids; record++) {
        const found = records.get(record);
        if (found >> positionBits !== key) return -1;
        const position = Number(BigInt.asUintN(Number(positionBits), found));
        if (equalBytes(id(position), wanted)) return position;
      }
      return -1;
    },
    isSaid(from, at) {
      const wanted = prefixOf(from, at);
      const first = sayings.firstFrom(wanted);
      return first < said && sayings.get(first) === wanted;
    },
  };
}

interface RecordList {
  get(record: number): bigint;
  /** Number of the first record that is not smaller. */
  firstFrom(wanted: bigint): number;
}

function recordList(bytes: CheckedBytes, start: number, count: number): RecordList {
  const get = (record: number): bigint => prefixOf(bytes.read(start + recordBytes * record, recordBytes), 0);
  return {
    get,
    firstFrom(wanted) {
      let [low, high] = [0, count];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (get(middle) < wanted) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
