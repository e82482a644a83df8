/** Digits of a number of 64 bits, the lowest first: at which bit each begins. The first three are a leaf index. */
const digits = [
  { from: 0, bits: 10 },
  { from: 10, bits: 10 },
  { from: 20, bits: 10 },
  { from: 30, bits: 11 },
  { from: 41, bits: 11 },
  { from: 52, bits: 12 },
] as const;

type Digit = (typeof digits)[number];

const leafDigits = 3;
const leafMask = 0x3fffffff;

/**
 * Sorts numbers of 64 bits digit by digit, in linear time.
 *
 * @param records - the high and the low half of each, one after the other; sorted in place
 * @param spare - as long
 */
export function sortRecords(records: Uint32Array, spare: Uint32Array): void {
  let [from, to] = [records, spare];
  // Equal digits keep their order: what came in the order of leaves needs no sorting by them.
  for (const digit of digits.slice(isInOrderOfLeaves(records) ? leafDigits : 0)) {
    sortByDigit(from, to, digit);
    [from, to] = [to, from];
  }
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

function sortByDigit(from: Uint32Array, to: Uint32Array, { from: bit, bits }: Digit): void {
  const next = new Uint32Array(2 ** bits);
  for (let at = 0; at < from.length; at += 2) {
    const digit = digitOf(from[at] ?? 0, from[at + 1] ?? 0, bit) & (next.length - 1);
    next[digit] = (next[digit] ?? 0) + 1;
  }
  let sum = 0;
  for (let digit = 0; digit < next.length; digit++) {
    const count = next[digit] ?? 0;
    next[digit] = sum;
    sum += 2 * count;
  }
  for (let at = 0; at < from.length; at += 2) {
    const high = from[at] ?? 0;
    const low = from[at + 1] ?? 0;
    const digit = digitOf(high, low, bit) & (next.length - 1);
    const place = next[digit] ?? 0;
    to[place] = high;
    to[place + 1] = low;
    next[digit] = place + 2;
  }
}

/** The bits from one on. */
function digitOf(high: number, low: number, bit: number): number {
  if (bit >= 32) return high >>> (bit - 32);
  return bit === 30 ? (high << 2) | (low >>> 30) : low >>> bit;
}
