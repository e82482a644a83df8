import { fromUtf8, utf8 } from "./bytes.ts";
import { parseTimestamp } from "./time.ts";

const signatureChars = 86;

/** Value of each character of base64, 64 of any other. */
const base64Values = new Uint8Array(256).fill(64);
for (const [value, char] of utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").entries()) {
  base64Values[char] = value;
}

/** Is this the canonical base64 of 64 bytes, which ends in four bits that are not used? */
export function isPlainSignature(bytes: Uint8Array, start: number, end: number): boolean {
  const padding = start + signatureChars;
  if (end !== padding + 2 || bytes[padding] !== 0x3d || bytes[padding + 1] !== 0x3d) return false;
  let all = 0;
  for (let at = start; at < padding; at++) all |= base64Values[bytes[at] ?? 0] ?? 0;
  return all < 64 && ((base64Values[bytes[padding - 1] ?? 0] ?? 0) & 15) === 0;
}

const dateChars = 10;

/**
 * Reads times that are written `YYYY-MM-DDTHH:MM:SS[.mmm]Z`, a spelling that both dialects take.
 *
 * @returns milliseconds since 1970; NaN where a time is wrong, or written otherwise
 */
export function timeReader(bytes: Uint8Array): (start: number, end: number) => number {
  const date = new Uint8Array(dateChars);
  let dateUnixMs = NaN;

  const two = (at: number, most: number): number => {
    const tens = (bytes[at] ?? 0) - 0x30;
    const ones = (bytes[at + 1] ?? 0) - 0x30;
    const isNumber = tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
    return isNumber && 10 * tens + ones <= most ? 10 * tens + ones : NaN;
  };
  const isDate = (start: number): boolean => {
    for (let at = 0; at < dateChars; at++) if (bytes[start + at] !== date[at]) return false;
    return true;
  };
  const readDate = (start: number): void => {
    const text = bytes.slice(start, start + dateChars);
    date.set(text);
    dateUnixMs = startOfDay(text);
  };
  return (start, end) => {
    const hasMs = end - start === 24;
    if (!hasMs && end - start !== 20) return NaN;
    const time = start + dateChars;
    const isFormed =
      bytes[time] === 0x54 && bytes[time + 3] === 0x3a && bytes[time + 6] === 0x3a && bytes[end - 1] === 0x5a;
    if (!isFormed || (hasMs && bytes[time + 9] !== 0x2e)) return NaN;
    if (!isDate(start)) readDate(start);
    const ms = hasMs ? 10 * two(end - 4, 99) + (two(end - 3, 99) % 10) : 0;
    const seconds = 3600 * two(time + 1, 23) + 60 * two(time + 4, 59) + two(time + 7, 59);
    return dateUnixMs + 1000 * seconds + ms;
  };
}

function startOfDay(date: Uint8Array): number {
  try {
    return parseTimestamp(`${fromUtf8(date)}T00:00:00Z`);
  } catch {
    return NaN;
  }
}
