const segmentItems = 65_536;

/** A list of byte strings of one width that grows without being copied. */
export interface GrowingBytes {
  readonly size: number;
  /** @returns the position it got */
  push(item: Uint8Array): number;
  /** A view, not a copy. */
  get(position: number): Uint8Array;
  equals(position: number, item: Uint8Array): boolean;
}

export function growingBytes(width: number): GrowingBytes {
  const segments: Uint8Array[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(item) {
      const at = size % segmentItems;
      if (at === 0) segments.push(new Uint8Array(segmentItems * width));
      segments.at(-1)?.set(item, at * width);
      return size++;
    },
    get(position) {
      const start = (position % segmentItems) * width;
      return (segments[Math.floor(position / segmentItems)] ?? new Uint8Array()).subarray(start, start + width);
    },
    equals(position, item) {
      const segment = segments[Math.floor(position / segmentItems)];
      const start = (position % segmentItems) * width;
      if (!segment) return false;
      for (let at = 0; at < width; at++) if (segment[start + at] !== item[at]) return false;
      return true;
    },
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
