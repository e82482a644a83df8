import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import {
  type EventPlace,
  idKey,
  indexFiles,
  indexRecord,
  leavesOf,
  maxTerms,
  type TermName,
  termKey,
  termsOf,
  readPlaces,
  writePlace,
} from "../core/event-index.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { type ReadPart, sortedIndex } from "../core/sorted-index.ts";
import type { Archive, Ledger, ScannedEvents } from "../ports.ts";

/** The events of a month in leaf order, wherever they are: they are read when they are asked for. */
export interface MonthEvents {
  readonly count: number;
  /** @throws SettlementError `LEDGER_REFUTED` when the file and what finds events in it do not belong together */
  at(leaf: number): Promise<LedgerEvent>;
  /** Leaf of an event by its id, lower-case hex. */
  find(id: string): Promise<number | undefined>;
  /** Leaves of the events of which one of these terms is said, ascending, from a leaf on. */
  search(name: TermName, text: string, from?: number): AsyncIterable<number>;
}

/** A sorted index, and how many records it has. */
interface Records {
  readonly count: number;
  readonly read: ReadPart;
}

/** What finds the events of a month; see `core/event-index.ts`. */
export interface MonthIndex {
  readonly ids: Records;
  readonly places: ReadPart;
  readonly terms: () => Promise<Records>;
}

/** @param file - that holds the events */
export function indexedEvents(ledger: Ledger, file: Month | "", { ids, places, terms }: MonthIndex): MonthEvents {
  const { count } = ids;
  const at = async (leaf: number): Promise<LedgerEvent> => {
    if (!(leaf >= 0 && leaf < count)) throw new RangeError(`there is no leaf ${leaf} among ${count}`);
    const [place] = await readPlaces(places, leaf, leaf + 1);
    try {
      return await ledger.event(file, place ?? { offset: 0, length: 0 });
    } catch (error) {
      if (!(error instanceof SettlementError) || error.kind === "unavailable") throw error;
      throw altered(file, leaf, error);
    }
  };
  return {
    count,
    at,
    async find(id) {
      const key = idKey(fromHex(id));
      for await (const leaf of leavesOf(ids.read, count, key)) {
        const found = leaf < count ? (await at(leaf)).id : "";
        if (found === id) return leaf;
        // Two ids may begin alike; what begins otherwise is not the event that was there.
        if (found === "" || idKey(fromHex(found)) !== key) throw altered(file, leaf);
      }
      return undefined;
    },
    async *search(name, text, from = 0) {
      const records = await terms();
      for await (const leaf of leavesOf(records.read, records.count, termKey(name, text), from)) {
        if (leaf >= count) continue;
        const said = termsOf(await at(leaf));
        if (said.some(([term, value]) => term === name && value === text)) yield leaf;
      }
    },
  };
}

function altered(file: Month | "", leaf: number, cause?: unknown): SettlementError {
  return new SettlementError(
    "LEDGER_REFUTED",
    `${file === "" ? "events/events.jsonl" : `${file}.json`} does not hold leaf ${leaf} any more where it was: the ledger was altered after the close; settlement validate says where`,
    { cause },
  );
}

/** A list of numbers that grows. */
interface Growing<T extends BigUint64Array | Float64Array | Uint32Array> {
  push(value: T[number]): void;
  list(): T;
}

function growing<T extends BigUint64Array | Float64Array | Uint32Array>(make: new (length: number) => T): Growing<T> {
  let list = new make(1024);
  let length = 0;
  return {
    push(value) {
      if (length === list.length) {
        const larger = new make(2 * length);
        larger.set(list as never);
        list = larger;
      }
      list[length++] = value;
    },
    list: () => list.subarray(0, length) as T,
  };
}

/** Gathers what finds the events of a month while they go by, in leaf order. */
export interface IndexBuilder {
  readonly count: number;
  /** Adds one event of a scan. */
  add(events: ScannedEvents, at: number): void;
  /**
   * The same in memory; events that are added afterwards are not in it.
   *
   * @param terms - makes the index of terms, once, where the scan had no details
   */
  index(terms: () => Promise<IndexBuilder>): MonthIndex;
  /** Bytes of the index files by name, of scans with details. */
  files(): { readonly terms: number; readonly bytes: ReadonlyMap<string, Uint8Array> };
  /** Byte offset behind the start of the last event, 0 without events. */
  readonly end: number;
  /** Id of the last event. */
  readonly lastId: string | undefined;
}

export function indexBuilder(): IndexBuilder {
  const keys = growing(BigUint64Array);
  const terms = growing(BigUint64Array);
  const offsets = growing(Float64Array);
  const lengths = growing(Uint32Array);
  const last = new Uint8Array(32);
  let count = 0;
  let end = 0;
  const placesOf = (): Uint8Array => placesFile(offsets.list(), lengths.list());
  const filesOf = (): ReturnType<IndexBuilder["files"]> => ({
    terms: terms.list().length,
    bytes: new Map([
      [indexFiles.ids, sortedIndex(keys.list().slice())],
      [indexFiles.terms, sortedIndex(terms.list().slice())],
      [indexFiles.places, placesOf()],
    ]),
  });
  return {
    get count() {
      return count;
    },
    get end() {
      return end;
    },
    get lastId() {
      return count === 0 ? undefined : toHex(last);
    },
    add(events, at) {
      const place: EventPlace = { offset: events.offsets[at] ?? 0, length: events.lengths[at] ?? 0 };
      keys.push(indexRecord(idKey(events.ids, 32 * at), count));
      for (let term = maxTerms * at; term < maxTerms * (at + 1); term++) {
        const key = events.details?.terms[term] ?? 0n;
        if (key > 0n) terms.push(indexRecord(key - 1n, count));
      }
      offsets.push(place.offset);
      lengths.push(place.length);
      last.set(events.ids.subarray(32 * at, 32 * (at + 1)));
      end = place.offset + 1;
      count++;
    },
    index(termsLater) {
      // Sorted when it is first asked for: most months of most views never are.
      const ids = lazily(() => sortedIndex(keys.list().slice()));
      const places = lazily(placesOf);
      let made: Promise<Records> | undefined;
      const makeTerms = async (): Promise<Records> => {
        const files = (await termsLater()).files();
        const bytes = files.bytes.get(indexFiles.terms) ?? new Uint8Array();
        return { count: files.terms, read: lazily(() => bytes) };
      };
      return { ids: { count, read: ids }, places, terms: () => (made ??= makeTerms()) };
    },
    files: filesOf,
  };
}

function placesFile(offsets: Float64Array, lengths: Uint32Array): Uint8Array {
  const places = new Uint8Array(8 * offsets.length);
  for (const [leaf, offset] of offsets.entries()) writePlace(places, leaf, { offset, length: lengths[leaf] ?? 0 });
  return places;
}

function lazily(make: () => Uint8Array): ReadPart {
  let made: Uint8Array | undefined;
  return async (start, length) => (made ??= make()).subarray(start, start + length);
}

/** Reads the index files of a closed month. */
export function archivedIndex(
  archive: Archive,
  month: Month,
  { count, terms }: { readonly count: number; readonly terms: number },
): MonthIndex {
  const read =
    (name: string): ReadPart =>
    async (start, length) => {
      const bytes = await archive.part(month, name, start, length);
      if (bytes) return bytes;
      throw new SettlementError(
        "INDEX_MALFORMED",
        `anchors/${month}/${name} is missing: remove the folder index/ beside it and publish the month again`,
      );
    };
  return {
    ids: { count, read: read(indexFiles.ids) },
    places: read(indexFiles.places),
    terms: async () => ({ count: terms, read: read(indexFiles.terms) }),
  };
}
