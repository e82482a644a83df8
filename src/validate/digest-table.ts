import { growingBytes } from "./growing.ts";

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

/** @param width - bytes of a digest, a multiple of 4 */
export function digestTable(width: number): DigestTable {
  const words = width / 4;
  // Ids may be claimed: without a secret, somebody could make thousands that fall into one slot.
  const factors = crypto.getRandomValues(new Uint32Array(words)).map((factor) => factor | 1);
  const digests = growingBytes(width);
  const looked = new Uint32Array(words);
  const lookedBytes = new Uint8Array(looked.buffer);
  let slots = new Uint32Array(1024).fill(emptySlot);
  let used = 0;

  const hashOf = (from: Uint8Array, at: number): number => {
    lookedBytes.set(at === 0 && from.length === width ? from : from.subarray(at, at + width));
    let hash = 0;
    for (let word = 0; word < words; word++)
      hash = Math.imul(hash ^ (looked[word] ?? 0), factors[word] ?? 1) ^ (hash >>> 15);
    return (hash ^ (hash >>> 13)) >>> 0;
  };
  const isAt = (position: number): boolean => digests.equals(position, lookedBytes);
  /** Slot of the digest that was hashed last, or the empty one where it belongs. */
  const slotOf = (hash: number): number => {
    const mask = slots.length - 1;
    let slot = hash & mask;
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
      let slot = hashOf(digests.get(position), 0) & mask;
      while (slots[slot] !== emptySlot) slot = (slot + 1) & mask;
      slots[slot] = position;
    }
  };
  return {
    get size() {
      return digests.size;
    },
    add(from, at) {
      if (used * 2 >= slots.length) grow();
      const slot = slotOf(hashOf(from, at));
      const position = digests.push(lookedBytes);
      if (slots[slot] !== emptySlot) return slots[slot] ?? emptySlot;
      slots[slot] = position;
      used++;
      return position;
    },
    find(from, at) {
      const position = slots[slotOf(hashOf(from, at))] ?? emptySlot;
      return position === emptySlot ? -1 : position;
    },
    get: (position) => digests.get(position),
  };
}
