import { canonicalJson } from "../core/canonical-json.ts";
import { isJsonObject } from "../core/json.ts";
import type { Entry, EventFile, LedgerState } from "./ledger-state.ts";

/** Which entry of an earlier state an entry is. */
export interface Match {
  /** The same event in the same file. */
  readonly same: ReadonlyMap<Entry, Entry>;
  /** The same event in another file. */
  readonly moved: ReadonlyMap<Entry, Entry>;
  /** Another event in its place, or under its id. */
  readonly altered: ReadonlyMap<Entry, Entry>;
  /** Entries of the earlier state that nothing is. */
  readonly lost: readonly Entry[];
}

/** An event whatever its formatting; a text that is no JSON is itself. */
function contentOf({ value, text }: Entry): string {
  return value === undefined ? `text ${text}` : canonicalJson(value);
}

/** The id an entry claims. */
function idOf({ value }: Entry): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const signature = value["signature"];
  const id = isJsonObject(signature) ? signature["canonicalHash"] : value["id"];
  return typeof id === "string" ? id : undefined;
}

/** Entries by a name, to be taken one after the other. */
class Shelf {
  readonly #entries = new Map<string, Entry[]>();
  readonly #name: (entry: Entry) => string | undefined;

  constructor(entries: Iterable<Entry>, name: (entry: Entry) => string | undefined) {
    this.#name = name;
    for (const entry of [...entries].toReversed()) {
      const key = name(entry);
      if (key === undefined) continue;
      const found = this.#entries.get(key);
      if (found) found.push(entry);
      else this.#entries.set(key, [entry]);
    }
  }

  take(like: Entry): Entry | undefined {
    return this.#entries.get(this.#name(like) ?? "")?.pop();
  }
}

/** Takes each `rest` entry that `find` has a partner for out of both lists. */
function pair(
  rest: readonly Entry[],
  before: Set<Entry>,
  find: (entry: Entry) => Entry | undefined,
): ReadonlyMap<Entry, Entry> {
  const pairs = new Map<Entry, Entry>();
  for (const entry of rest) {
    const partner = find(entry);
    if (!partner || !before.delete(partner)) continue;
    pairs.set(entry, partner);
  }
  return pairs;
}

/** Finds each event of an earlier state again. Linear: in the usual case, texts are compared and nothing else. */
export function matchEvents(ledger: LedgerState, base: LedgerState): Match {
  const same = new Map<Entry, Entry>();
  const before = new Set<Entry>();
  const rest: Entry[] = [];
  const files = new Map(base.files.map(({ month, entries }) => [month, entries]));
  for (const entries of files.values()) for (const entry of entries) before.add(entry);
  for (const file of ledger.files) {
    matchFile(file, files.get(file.month) ?? [], same);
    for (const entry of file.entries) {
      const partner = same.get(entry);
      if (partner) before.delete(partner);
      else rest.push(entry);
    }
  }
  const elsewhere = new Shelf(before, contentOf);
  const moved = pair(rest, before, (entry) => elsewhere.take(entry));
  const byId = new Shelf(before, idOf);
  const byPlace = new Shelf(before, placeOf);
  const changed = pair(
    rest.filter((entry) => !moved.has(entry)),
    before,
    (entry) => byId.take(entry),
  );
  const left = rest.filter((entry) => !moved.has(entry) && !changed.has(entry));
  const replaced = pair(left, before, (entry) => byPlace.take(entry));
  return { same, moved, altered: new Map([...changed, ...replaced]), lost: [...before] };
}

/** The ledger folder may have another path in the earlier state. */
function placeOf({ place }: Entry): string {
  return `${place.file.slice(place.file.lastIndexOf("/") + 1)} ${place.index}`;
}

function matchFile({ entries }: EventFile, old: readonly Entry[], same: Map<Entry, Entry>): void {
  let prefix = 0;
  while (prefix < entries.length && entries[prefix]?.text === old[prefix]?.text) prefix++;
  for (const [at, entry] of entries.slice(0, prefix).entries()) same.set(entry, old[at] as Entry);
  const shelf = new Shelf(old.slice(prefix), contentOf);
  for (const entry of entries.slice(prefix)) {
    const partner = shelf.take(entry);
    if (partner) same.set(entry, partner);
  }
}
