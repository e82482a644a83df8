import { createHash, type Hash } from "node:crypto";
import { monthTeller } from "../core/membership.ts";
import { type Month, monthsBetween } from "../core/month.ts";
import type { ClosedMonth, MonthLeaves } from "./closed-months.ts";
import type { EventRegister } from "./event-register.ts";
import type { SignedLeaf } from "./rule.ts";

/** Events that follow on each other, one or more. */
interface Stretch {
  /** Of the first. */
  readonly position: number;
  readonly count: number;
  /** Canonical JSON of each and a line feed; undefined where nobody made it. */
  readonly lines?: Uint8Array | undefined;
  /** Stands for the bytes of the chunk they are in; undefined for one by itself. */
  readonly chunk?: string | undefined;
  /** Where in the chunk the first is. */
  readonly at?: number;
}

/** Digests of months that were found in earlier runs, by what the months were made of. */
export interface KnownDigests {
  read(name: string): string | undefined;
  write(name: string, digest: string): void;
}

/** Thrown when the events of a month have to be read again to know their digest. */
export class DigestUnknown extends Error {}

/** Which events each month holds, found out while they go by. */
export interface MonthLog {
  /** A month that has a file, with events or without. */
  openMonth(month: Month): void;
  /**
   * Month of the event that is added next.
   *
   * @param file - month whose file it stands in; `""` for the one list
   */
  monthOf(file: Month | "", unixMs: number, ids: Uint8Array, at: number): Month;
  /** Is it closed, and can be found what it holds? */
  isClosed(month: Month): boolean;
  isPublished(month: Month): boolean;
  /** Events of a month so far. */
  countOf(month: Month): number;
  /** The events were added: they are the next leaves of their month. */
  take(month: Month, stretch: Stretch): void;
  /** Every month from the first to the last. */
  leaves(): ReadonlyMap<Month, MonthLeaves>;
  signedIn(month: Month): Iterable<SignedLeaf>;
}

/** Events of one month: runs of positions, and the digest so far. */
interface Held {
  /** Start and end of each run. */
  readonly runs: number[];
  count: number;
  readonly digest: Hash | undefined;
  /** Was the line of an event missing? */
  isPartial: boolean;
  /** Did events come from chunks that are known again? */
  hasChunks: boolean;
  /** What the month is made of: stretches of chunks, and single events. */
  readonly parts: Hash | undefined;
  part: { readonly chunk: string; readonly from: number; to: number } | undefined;
  /** The lines of events that are in no chunk of a known name, so far. */
  loose: Hash | undefined;
}

interface MonthLogOptions {
  readonly digests?: KnownDigests | undefined;
  /** Does it begin behind the last event of every closed month? */
  readonly isPastClosed?: boolean;
}

/**
 * @param published - ascending
 * @param unfindable - those whose last event is nowhere in the ledger
 */
export function monthLog(
  published: readonly ClosedMonth[],
  unfindable: ReadonlySet<Month>,
  register: EventRegister,
  { digests: known, isPastClosed = false }: MonthLogOptions = {},
): MonthLog {
  const held = new Map<Month, Held>();
  const closed = published.filter(({ month }) => !unfindable.has(month));
  const isClosed = new Set(closed.map(({ month }) => month));
  const isPublished = new Set(published.map(({ month }) => month));
  const lastClosed = closed.at(-1)?.month;
  const ranges = closed.flatMap(({ month, manifest: { range } }) => (range ? [{ month, last: range[1] }] : []));
  const tell = monthTeller(isPastClosed ? [] : ranges, lastClosed);
  const heldIn = (month: Month): Held => {
    const found = held.get(month) ?? emptyMonth(isPublished.has(month));
    held.set(month, found);
    return found;
  };
  for (const { month } of closed) heldIn(month);
  return {
    openMonth: (month) => void heldIn(month),
    monthOf: (file, unixMs, ids, at) => (file === "" ? tell(unixMs, ids, at) : file),
    isClosed: (month) => isClosed.has(month),
    isPublished: (month) => isPublished.has(month),
    countOf: (month) => held.get(month)?.count ?? 0,
    take(month, stretch) {
      const { position, count } = stretch;
      const taken = heldIn(month);
      const { runs } = taken;
      taken.count += count;
      if (runs.at(-1) === position) runs[runs.length - 1] = position + count;
      else runs.push(position, position + count);
      if (taken.digest) addToDigest(taken, stretch);
    },
    leaves() {
      const months = [...held.keys()].toSorted();
      const [first, last] = [months[0], months.at(-1)];
      if (first === undefined || last === undefined) return new Map();
      return new Map(
        monthsBetween(first, last).map((month) => [month, leavesOf(heldIn(month), register, known)] as const),
      );
    },
    *signedIn(month) {
      for (const position of positionsIn(heldIn(month).runs)) {
        const signers = register.signers(position);
        if (signers.length > 0) yield { place: () => register.place(position), signers };
      }
    },
  };
}

function emptyMonth(isPublished: boolean): Held {
  return {
    runs: [],
    count: 0,
    digest: isPublished ? createHash("sha256") : undefined,
    isPartial: false,
    hasChunks: false,
    parts: isPublished ? createHash("sha256") : undefined,
    part: undefined,
    loose: undefined,
  };
}

function* positionsIn(runs: readonly number[]): Generator<number> {
  for (let run = 0; run < runs.length; run += 2) {
    for (let at = runs[run] ?? 0; at < (runs[run + 1] ?? 0); at++) yield at;
  }
}

function addToDigest(held: Held, { lines, chunk, at = 0, count }: Stretch): void {
  if (lines) held.digest?.update(lines);
  else held.isPartial = true;
  const { part } = held;
  if (chunk === undefined) {
    if (!held.loose) endPart(held);
    held.loose ??= createHash("sha256");
    held.loose.update(lines ?? "");
  } else if (part && part.chunk === chunk && part.to === at) {
    part.to += count;
  } else {
    endPart(held);
    held.part = { chunk, from: at, to: at + count };
    held.hasChunks = true;
  }
}

function endPart(held: Held): void {
  const { part, loose, parts } = held;
  if (part) parts?.update(`${part.chunk} ${part.from} ${part.to}\n`);
  if (loose) parts?.update(`events ${loose.digest("hex")}\n`);
  held.part = undefined;
  held.loose = undefined;
}

/** @throws DigestUnknown */
function digestOf(held: Held, known: KnownDigests | undefined): string {
  const { digest = createHash("sha256"), parts, isPartial } = held;
  endPart(held);
  const name = parts?.copy().digest("hex") ?? "";
  const found = isPartial ? known?.read(name) : digest.copy().digest("hex");
  if (found === undefined) throw new DigestUnknown();
  if (!isPartial && held.hasChunks) known?.write(name, found);
  return found;
}

function leavesOf(held: Held, register: EventRegister, known: KnownDigests | undefined): MonthLeaves {
  const { runs, count } = held;
  // Leaves are asked for one after the other.
  let [run, before] = [0, 0];
  return {
    count,
    id(at) {
      if (at < before) [run, before] = [0, 0];
      for (;;) {
        const [start = 0, end = 0] = [runs[run], runs[run + 1]];
        if (at - before < end - start || run >= runs.length) return register.id(start + at - before);
        before += end - start;
        run += 2;
      }
    },
    digest: () => digestOf(held, known),
  };
}
