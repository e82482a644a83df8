import { growingWords } from "./growing.ts";

/** Digests of one width in the order in which they came, found again without an object for each. */
export interface DigestTable {
  /** Digests so far, repeated ones counted. */
  readonly size: number;
  /**
   * Adds a digest at the end.
   *
   * @param from - bytes that hold the digest from `at` on
   * @returns position of the first that is equal; its own when there is none before
   */
  add(from: Uint8Array, at: number): number;
  /** Position of the first that is equal, -1 when there is none. */
  find(from: Uint8Array, at: number): number;
  /** Valid until the next call. */
  get(position: number): Uint8Array;
}

const emptySlot = 0xffffffff;

/** The largest prime below 2^32. */
const prime = 4_294_967_291;
const ofPrime = 1 / prime;

/**
 * Hashes the words of a list from `start` on by a secret, so that nobody makes thousands that fall into one slot: ids may be
 * claimed. The sum of the halves of all words, each times a random number, is exact, and two lists come to one remainder
 * with a probability of 2^-32 (Carter and Wegman).
 */
function keyedHash(words: number): (list: Uint32Array, start: number) => number {
  const factors = Float64Array.from(crypto.getRandomValues(new Uint32Array(2 * words)));
  return (list, start) => {
    let sum = 0;
    for (let word = 0; word < words; word++) {
      const value = list[start + word] ?? 0;
      sum += (value >>> 16) * (factors[2 * word] ?? 0) + (value & 0xffff) * (factors[2 * word + 1] ?? 0);
    }
    // A division of doubles takes as long as all of that; the quotient is off by one at most.
    const rest = sum - Math.floor(sum * ofPrime) * prime;
    return (rest < 0 ? rest + prime : rest < prime ? rest : rest - prime) >>> 0;
  };
}

/** @param width - bytes of a digest, a multiple of 4 */
export function digestTable(width: number): DigestTable {
  const words = width / 4;
  const hashOf = keyedHash(words);
  const digests = growingWords(words);
  const looked = new Uint32Array(words);
  const lookedBytes = new Uint8Array(looked.buffer);
  let slots = new Uint32Array(1024).fill(emptySlot);
  let used = 0;

  const look = (from: Uint8Array, at: number): void => {
    for (let byte = 0; byte < width; byte++) lookedBytes[byte] = from[at + byte] ?? 0;
  };
  const isAt = (position: number): boolean => {
    const [segment, start] = [digests.segment(position), digests.start(position)];
    for (let word = 0; word < words; word++) if (segment[start + word] !== looked[word]) return false;
    return true;
  };
  /** Slot of the digest that is looked at, or the empty one where it belongs. */
  const slotOf = (): number => {
    const mask = slots.length - 1;
    let slot = hashOf(looked, 0) & mask;
    for (let position = slots[slot] ?? emptySlot; position !== emptySlot; position = slots[slot] ?? emptySlot) {
      if (isAt(position)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  };
  const grow = (): void => {
    const before = slots;
    slots = new Uint32Array(before.length * 2).fill(emptySlot);
    const mask = slots.length - 1;
    for (const position of before) {
      if (position === emptySlot) continue;
      let slot = hashOf(digests.segment(position), digests.start(position)) & mask;
      while (slots[slot] !== emptySlot) slot = (slot + 1) & mask;
      slots[slot] = position;
    }
    // Given back at once, and not left to be collected.
    before.buffer.transfer(0);
  };
  return {
    get size() {
      return digests.size;
    },
    add(from, at) {
      if (4 * used >= 3 * slots.length) grow();
      look(from, at);
      const slot = slotOf();
      const position = digests.push(looked);
      const first = slots[slot] ?? emptySlot;
      if (first !== emptySlot) return first;
      slots[slot] = position;
      used++;
      return position;
    },
    find(from, at) {
      look(from, at);
      const position = slots[slotOf()] ?? emptySlot;
      return position === emptySlot ? -1 : position;
    },
    get: (position) => new Uint8Array(digests.segment(position).buffer, 4 * digests.start(position), width),
  };
}
