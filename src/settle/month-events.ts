import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import {
  idKey,
  type IndexFacts,
  indexFiles,
  leavesOf,
  maxTerms,
  type TermName,
  termKey,
  termsOf,
  readPlaces,
  recordHigh,
  recordLow,
  writePlace,
} from "../core/event-index.ts";
import { type Growing, growing } from "../core/growing.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { type ReadPart, sortedIndex } from "../core/sorted-index.ts";
import type { Archive, Ledger, ScannedEvents } from "../ports.ts";

/** The events of a month in leaf order, wherever they are: they are read when they are asked for. */
export interface MonthEvents {
  readonly count: number;
  /** @throws SettlementError `LEDGER_REFUTED` when the file and what finds events in it do not belong together */
  at(leaf: number): Promise<LedgerEvent>;
  /** Byte offsets in the file that holds them of the leaves `from` up to `to`. */
  offsets(from: number, to: number): Promise<readonly number[]>;
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
  /** Are events found by what they are about? */
  readonly about: boolean;
}

/** @param file - that holds the events */
export function indexedEvents(
  ledger: Ledger,
  file: Month | "",
  { ids, places, terms, about }: MonthIndex,
): MonthEvents {
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
    offsets: async (from, to) => (await readPlaces(places, from, to)).map(({ offset }) => offset),
    async *search(name, text, from = 0) {
      const records = await terms();
      const key = termKey(name, text);
      const isFound = name !== "about" || about;
      for await (const leaf of isFound ? leavesOf(records.read, records.count, key, from) : leavesFrom(from, count)) {
        if (leaf >= count) continue;
        const said = termsOf(await at(leaf));
        if (said.some(([term, value]) => term === name && value === text)) yield leaf;
      }
    },
  };
}

function* leavesFrom(from: number, count: number): Generator<number> {
  for (let leaf = from; leaf < count; leaf++) yield leaf;
}

function altered(file: Month | "", leaf: number, cause?: unknown): SettlementError {
  return new SettlementError(
    "LEDGER_REFUTED",
    `${file === "" ? "events/events.jsonl" : `${file}.json`} does not hold leaf ${leaf} any more where it was: the ledger was altered after the close; settlement validate says where`,
    { cause },
  );
}

/** Gathers what finds the events of a month while they go by, in leaf order. */
export interface IndexBuilder {
  readonly count: number;
  /** Adds events of a scan: one, or those up to `to`. */
  add(events: ScannedEvents, from: number, to?: number): void;
  /**
   * The same in memory; events that are added afterwards are not in it.
   *
   * @param terms - makes the index of terms, once, where the scan had no details
   */
  index(terms: () => Promise<IndexBuilder>): MonthIndex;
  /** Bytes of the index files by name, of scans with details; nothing is added or asked for afterwards. */
  files(): { readonly terms: number; readonly bytes: ReadonlyMap<string, Uint8Array> };
  /** Byte offset behind the start of the last event, 0 without events. */
  readonly end: number;
  /** Id of the last event. */
  readonly lastId: string | undefined;
}

export function indexBuilder(): IndexBuilder {
  const keys = growing(Uint32Array);
  const terms = growing(Uint32Array);
  const offsets = growing(Float64Array);
  const lengths = growing(Uint32Array);
  const last = new Uint8Array(32);
  let count = 0;
  let end = 0;
  const placesOf = (): Uint8Array => placesFile(offsets.list(), lengths.list());
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
    add({ ids, offsets: starts, lengths: sizes, details }, from, to = from + 1) {
      for (let at = from; at < to; at++) {
        const key = idKey(ids, 32 * at);
        keys.push(recordHigh(key));
        keys.push(recordLow(key, count + at - from));
      }
      if (details) addTerms(terms, details.terms.subarray(maxTerms * from, maxTerms * to), count);
      for (let at = from; at < to; at++) {
        offsets.push(starts[at] ?? 0);
        lengths.push(sizes[at] ?? 0);
      }
      end = (starts[to - 1] ?? 0) + 1;
      last.set(ids.subarray(32 * (to - 1), 32 * to));
      count += to - from;
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
      return { ids: { count, read: ids }, places, terms: () => (made ??= makeTerms()), about: true };
    },
    files() {
      const records = terms.length / 2;
      const sorted = sortedIndex(terms.list());
      // It is most of what is held here.
      terms.clear();
      const ids = sortedIndex(keys.list());
      return { terms: records, bytes: filesOf({ ids, terms: sorted, places: placesOf() }) };
    },
  };
}

type IndexBytes = Readonly<Record<"ids" | "terms" | "places", Uint8Array>>;

function filesOf({ ids, terms, places }: IndexBytes): ReadonlyMap<string, Uint8Array> {
  return new Map([
    [indexFiles.ids, ids],
    [indexFiles.terms, terms],
    [indexFiles.places, places],
  ]);
}

/** @param terms - `maxTerms` of each event, the first of which is leaf `leaf`; see `EventDetails.terms` */
function addTerms(records: Growing<Uint32Array<ArrayBuffer>>, terms: Float64Array, leaf: number): void {
  const list = records.room(2 * terms.length);
  const start = records.length;
  let to = start;
  for (let at = 0; at < terms.length; at++) {
    const key = (terms[at] ?? 0) - 1;
    if (key < 0) continue;
    list[to++] = recordHigh(key);
    list[to++] = recordLow(key, leaf + Math.floor(at / maxTerms));
  }
  records.grow(to - start);
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
  { count, terms, about }: Pick<IndexFacts, "count" | "terms" | "about">,
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
    about,
  };
}
