/** The largest length a variable-length prefix can state. */
export const maxVlLength = 918_744;

/**
 * The prefix of a variable-length field: 1 byte up to 192, 2 up to 12480, 3 up to {@link maxVlLength}.
 *
 * @param length - bytes that follow
 */
export function vlPrefix(length: number): Uint8Array {
  if (length <= 192) return Uint8Array.of(length);
  if (length <= 12_480) {
    const rest = length - 193;
    return Uint8Array.of(193 + (rest >> 8), rest & 255);
  }
  if (length > maxVlLength) throw new RangeError(`${length} bytes do not fit a variable-length field`);
  const rest = length - 12_481;
  return Uint8Array.of(241 + (rest >> 16), (rest >> 8) & 255, rest & 255);
}
