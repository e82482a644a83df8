const slots = 1024;

/** Longest text that is kept. */
const slotBytes = 64;

/** A number for the text from `start` up to `end`. */
export type NumberOfText = (start: number, end: number) => number;

/**
 * Remembers what `make` makes of texts that come again and again: some of them, in little memory.
 *
 * @param bytes - that hold the texts
 */
export function cachedByText(bytes: Uint8Array, make: NumberOfText): NumberOfText {
  const texts = new Uint8Array(slots * slotBytes);
  const lengths = new Uint8Array(slots);
  const numbers = new Float64Array(slots);
  return (start, end) => {
    const length = end - start;
    if (length === 0 || length > slotBytes) return make(start, end);
    const slot = slotOf(bytes, start, end);
    const own = slot * slotBytes;
    if (lengths[slot] === length && isSame(texts, own, bytes, start, length)) return numbers[slot] ?? 0;
    const number = make(start, end);
    for (let at = 0; at < length; at++) texts[own + at] = bytes[start + at] ?? 0;
    lengths[slot] = length;
    return (numbers[slot] = number);
  };
}

/** By FNV-1a. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 16)) & (slots - 1);
}

function isSame(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (a[aAt + at] !== b[bAt + at]) return false;
  return true;
}
