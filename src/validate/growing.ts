const segmentBits = 16;
const segmentItems = 2 ** segmentBits;

/** A list of so many words each that grows without being copied. */
export interface GrowingWords {
  readonly size: number;
  /** @returns the position it got */
  push(item: Uint32Array): number;
  /** Where an item is: in this list, from {@link start} on. */
  segment(position: number): Uint32Array<ArrayBuffer>;
  start(position: number): number;
}

/** @param words - of 32 bits, an item */
export function growingWords(words: number): GrowingWords {
  const segments: Uint32Array<ArrayBuffer>[] = [];
  const none = new Uint32Array(words);
  let size = 0;
  const segment = (position: number): Uint32Array<ArrayBuffer> => segments[position >>> segmentBits] ?? none;
  const start = (position: number): number => (position & (segmentItems - 1)) * words;
  return {
    get size() {
      return size;
    },
    push(item) {
      const position = size++;
      if (start(position) === 0) segments.push(new Uint32Array(segmentItems * words));
      segment(position).set(item, start(position));
      return position;
    },
    segment,
    start,
  };
}

/** A list of whole numbers below 2^32 that grows without being copied. */
export interface GrowingNumbers {
  readonly size: number;
  push(item: number): void;
  get(position: number): number;
}

export function growingNumbers(): GrowingNumbers {
  const segments: Uint32Array[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(item) {
      const at = size % segmentItems;
      if (at === 0) segments.push(new Uint32Array(segmentItems));
      (segments.at(-1) ?? new Uint32Array(1))[at] = item;
      size++;
    },
    get: (position) => segments[Math.floor(position / segmentItems)]?.[position % segmentItems] ?? 0,
  };
}
