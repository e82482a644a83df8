/** Chance that is all in its seed: the same draws each time and on each machine. */
export interface Chance {
  /** A whole number, `0 <= n < limit`. */
  below(limit: number): number;
  /** A whole number, both bounds possible. */
  between(least: number, most: number): number;
  happens(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** Spreads a text over 32 bits (FNV-1a, and the end of MurmurHash3). */
function spread(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * The generator sfc32.
 *
 * @param stream - tells apart the draws of one seed, so that more of one kind move none of another
 */
export function chanceOf(seed: number, stream: string): Chance {
  let [a, b, c, count] = [spread(`${stream} ${seed}`), spread(`${seed} ${stream}`), spread(`${seed}`), 1];
  const next = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 12; warm++) next();
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    happens: (probability) => next() < probability,
    pick(from) {
      const picked = from[below(from.length)];
      if (picked === undefined) throw new RangeError("there is nothing to pick from");
      return picked;
    },
  };
}
