import { fromHex, isHashHex, toHex } from "../core/bytes.ts";
import type { Sha256 } from "../core/hash.ts";
import { anchoredWindows } from "../core/anchored-windows.ts";
import { saidBytes, saidDigest } from "./chunk.ts";
import { type DigestTable, digestTable } from "./digest-table.ts";
import { growingNumbers } from "./growing.ts";
import type { EventList, KnownEvents } from "./milestone.ts";
import { type KeyStories, keyStories } from "./key-stories.ts";
import type { Entry } from "./ledger-state.ts";
import type { RuleMemory } from "./memory.ts";
import type { KeyHolder } from "./rule.ts";

type Place = Entry["place"];

/** Where an event stands, and the number of its signers. */
interface Standing {
  readonly index: number;
  readonly line?: number;
  readonly signer: number;
}

/** What is remembered of the events of a ledger that is not kept in memory: less than a hundred bytes of each. */
export interface EventRegister {
  readonly memory: RuleMemory & { readonly keys: KeyStories };
  readonly size: number;
  /**
   * The events that follow stand in this file, each in the line that its position gives it unless said otherwise.
   *
   * @param start - position of its first event, where that was known before
   */
  openFile(file: string, linesBefore: number, start?: number): void;
  /** @returns position of the first event with this id, its own when there is none before */
  add(ids: Uint8Array, at: number, stands: Standing): number;
  /** Something that the last event says and that can be said once. @returns who said it first */
  say(digests: Uint8Array, at: number): number;
  /** First position of an event, -1 when there is none. */
  find(ids: Uint8Array, at: number): number;
  /** Does an event stand before another, by file and then by position? */
  isBefore(position: number, other: number): boolean;
  /** A number for those who signed an event together, 0 for nobody. */
  signerNumber(signers: readonly KeyHolder[]): number;
  place(position: number): Place;
  /** 32 bytes; valid until the next call. */
  id(position: number): Uint8Array;
  signers(position: number): readonly KeyHolder[];
  /** What is remembered of all of them, where none were known before. */
  list(): EventList;
}

/** The files that events stand in, by the position of their first one. */
interface FileStarts {
  open(file: string, linesBefore: number, start: number): void;
  of(position: number): { readonly file: string; readonly linesBefore: number; readonly start: number };
}

function fileStarts(): FileStarts {
  const files: { readonly file: string; readonly linesBefore: number; readonly start: number }[] = [];
  return {
    open: (file, linesBefore, start) => void files.push({ file, linesBefore, start }),
    of(position) {
      let [low, high] = [0, files.length - 1];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((files[middle]?.start ?? 0) <= position) low = middle;
        else high = middle - 1;
      }
      return files[low] ?? { file: "", linesBefore: 0, start: 0 };
    },
  };
}

/** Numbers from 1 for those who signed events together. */
interface SignerNumbers {
  numberOf(signers: readonly KeyHolder[]): number;
  of(number: number): readonly KeyHolder[];
}

function signerNumbers(): SignerNumbers {
  const signers: (readonly KeyHolder[])[] = [];
  const numbers = new Map<string, number>();
  return {
    numberOf(found) {
      if (found.length === 0) return 0;
      const name = found.map(({ node, key }) => `${node} ${key}`).join();
      const number = numbers.get(name) ?? signers.push(found);
      numbers.set(name, number);
      return number;
    },
    of: (number) => signers[number - 1] ?? [],
  };
}

function memoryOf(
  ids: DigestTable,
  saidBefore: (digest: Uint8Array) => number,
  place: (position: number) => Place,
  sha256: Sha256,
): EventRegister["memory"] {
  const positionOf = (id: string): number => (isHashHex(id) ? ids.find(fromHex(id), 0) : -1);
  const order = {
    get size() {
      return ids.size;
    },
    position: (id: string) => (positionOf(id) < 0 ? undefined : positionOf(id)),
    id: (position: number) => (position < ids.size ? toHex(ids.get(position)) : undefined),
  };
  return {
    known: {
      get(id) {
        const position = positionOf(id);
        return position < 0 ? undefined : { place: place(position) };
      },
    },
    said: {
      get(key) {
        const position = saidBefore(saidDigest(key));
        return position < 0 ? undefined : { id: toHex(ids.get(position)), place: place(position) };
      },
    },
    keys: keyStories(),
    windows: anchoredWindows(order, sha256),
  };
}

/** @param known - events that stand before all others, of the files that are opened first */
export function eventRegister(sha256: Sha256, known?: KnownEvents): EventRegister {
  const ids = known ? tableAfter(known) : digestTable(32);
  const said: DigestTable = digestTable(saidBytes);
  const sayers = growingNumbers();
  const indexes = growingNumbers();
  const signer = growingNumbers();
  const signers = signerNumbers();
  const files = fileStarts();
  const oddLines = new Map<number, number>();
  const before = known?.size ?? 0;
  const place = (position: number): Place => {
    const { file, linesBefore, start } = files.of(position);
    const index = position < before ? position - start : indexes.get(position - before);
    return { file, line: oddLines.get(position) ?? index + 1 + linesBefore, index };
  };
  const saidBefore = (digest: Uint8Array): number => {
    if (known?.isSaid(digest, 0) === true) return 0;
    const found = said.find(digest, 0);
    return found < 0 ? found : sayers.get(found);
  };
  return {
    memory: memoryOf(ids, saidBefore, place, sha256),
    get size() {
      return ids.size;
    },
    openFile: (file, linesBefore, start = ids.size) => files.open(file, linesBefore, start),
    add(from, at, { index, line, signer: number }) {
      const own = ids.size;
      const first = ids.add(from, at);
      indexes.push(index);
      signer.push(number);
      if (line !== undefined && place(own).line !== line) oddLines.set(own, line);
      return first;
    },
    say(digests, at) {
      if (known?.isSaid(digests, at) === true) return 0;
      const first = said.add(digests, at);
      sayers.push(ids.size - 1);
      return sayers.get(first);
    },
    find: (from, at) => ids.find(from, at),
    isBefore(position, other) {
      const [a, b] = [place(position), place(other)];
      return a.file < b.file || (a.file === b.file && a.index < b.index);
    },
    signerNumber: (found) => signers.numberOf(found),
    place,
    id: (position) => ids.get(position),
    signers: (position) => (position < before ? [] : signers.of(signer.get(position - before))),
    list: () => ({
      size: ids.size,
      id: (position) => ids.get(position),
      saidCount: said.size,
      said: (at) => said.get(at),
    }),
  };
}

/** A table that goes on after events that are looked up where they are kept. */
function tableAfter(known: KnownEvents): DigestTable {
  const added = digestTable(32);
  const found = (from: Uint8Array, at: number, own: number): number => {
    const first = known.find(from, at);
    return first < 0 && own >= 0 ? own + known.size : first;
  };
  return {
    get size() {
      return known.size + added.size;
    },
    add: (from, at) => found(from, at, added.add(from, at)),
    find: (from, at) => found(from, at, added.find(from, at)),
    get: (position) => (position < known.size ? known.id(position) : added.get(position - known.size)),
  };
}
