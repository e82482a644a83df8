type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** From so many numbers on a list grows by less. */
const farApart = 2 ** 24;

/** A list of numbers that grows. The memory that it leaves is given back at once, and not left to be collected. */
export interface Growing<T extends Numbers> {
  readonly length: number;
  push(value: number): void;
  /** The list with room for further numbers behind `length`; {@link grow} takes those in that were written there. */
  room(count: number): T;
  grow(count: number): void;
  /** Those so far, in place, until the list grows. */
  list(): T;
  /** Gives the memory back; the list is empty then. */
  clear(): void;
}

export function growing<T extends Numbers>(make: new (length: number) => T): Growing<T> {
  let list = new make(1024);
  let length = 0;
  const room = (count: number): T => {
    if (length + count > list.length) {
      const smaller = list;
      // Moving takes time; pages that nothing was written to take no memory on most systems.
      const factor = smaller.length < farApart ? 4 : 2;
      list = new make(Math.max(factor * smaller.length, length + count));
      list.set(smaller);
      giveBack(smaller);
    }
    return list;
  };
  return {
    get length() {
      return length;
    },
    push(value) {
      room(1)[length++] = value;
    },
    room,
    grow(count) {
      length += count;
    },
    list: () => list.subarray(0, length) as T,
    clear() {
      giveBack(list);
      list = new make(0);
      length = 0;
    },
  };
}

function giveBack(list: Numbers): void {
  list.buffer.transfer(0);
}
