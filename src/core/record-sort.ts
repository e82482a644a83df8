/** The lowest bits of a record are the index of a leaf. */
const leafMask = 0x3fffffff;

interface Digit {
  readonly shift: number;
  readonly bits: number;
}

/** Digits of the two halves of a record, the lowest first; those of leaves apart. */
const leafDigits: readonly Digit[] = [0, 10, 20].map((shift) => ({ shift, bits: 10 }));
const lowDigits: readonly Digit[] = [{ shift: 30, bits: 2 }];
const highDigits: readonly Digit[] = [
  { shift: 0, bits: 11 },
  { shift: 11, bits: 11 },
  { shift: 22, bits: 10 },
];

/**
 * Sorts numbers of 64 bits digit by digit, in linear time.
 *
 * @param records - the high and the low half of each, one after the other; sorted in place
 * @param spare - as long
 */
export function sortRecords(records: Uint32Array, spare: Uint32Array): void {
  let [from, to] = [records, spare];
  const sortBy = (half: 0 | 1, digits: readonly Digit[]): void => {
    for (const { shift, bits } of digits) {
      const starts = startsOf(from, half, { shift, bits });
      if (!starts) continue;
      move(from, to, { half, shift, places: starts });
      [from, to] = [to, from];
    }
  };
  // Equal digits keep their order: what came in the order of leaves needs no sorting by them.
  if (!isInOrderOfLeaves(records)) sortBy(1, leafDigits);
  sortBy(1, lowDigits);
  sortBy(0, highDigits);
  if (from !== records) records.set(from);
}

function isInOrderOfLeaves(records: Uint32Array): boolean {
  let before = 0;
  for (let at = 1; at < records.length; at += 2) {
    const leaf = (records[at] ?? 0) & leafMask;
    if (leaf < before) return false;
    before = leaf;
  }
  return true;
}

/** Where the records of each digit begin once they are sorted by it; undefined when all have the same. */
function startsOf(records: Uint32Array, half: 0 | 1, { shift, bits }: Digit): Uint32Array | undefined {
  const places = new Uint32Array(2 ** bits);
  const mask = places.length - 1;
  for (let at = half; at < records.length; at += 2) {
    const digit = ((records[at] ?? 0) >>> shift) & mask;
    places[digit] = (places[digit] ?? 0) + 2;
  }
  if (places.includes(records.length)) return undefined;
  let sum = 0;
  return places.map((length) => (sum += length) - length);
}

interface ByDigit {
  readonly half: 0 | 1;
  readonly shift: number;
  /** Where the next record of each digit goes. */
  readonly places: Uint32Array;
}

function move(from: Uint32Array, to: Uint32Array, { half, shift, places }: ByDigit): void {
  const mask = places.length - 1;
  for (let at = 0; at < from.length; at += 2) {
    const high = from[at] ?? 0;
    const low = from[at + 1] ?? 0;
    const digit = ((half === 0 ? high : low) >>> shift) & mask;
    const place = places[digit] ?? 0;
    places[digit] = place + 2;
    to[place] = high;
    to[place + 1] = low;
  }
}
