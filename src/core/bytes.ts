import { SettlementError } from "./error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const noHex = 16;
const hexValues = new Uint8Array(128).fill(noHex);
for (const [value, digit] of Array.from("0123456789abcdef").entries()) {
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}
const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const noBase64 = 64;
const base64Values = new Uint8Array(128).fill(noBase64);
for (let value = 0; value < 64; value++) base64Values[base64Alphabet.charCodeAt(value)] = value;

/** UTF-8 of `text`. The caller has refused lone surrogates before (see `json.ts`). */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws SettlementError `UTF8_MALFORMED`; a byte order mark is kept as a character */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new SettlementError("UTF8_MALFORMED", `the bytes are not UTF-8 at offset ${utf8FaultAt(bytes)}`, { cause });
  }
}

/** Length of the longest start of `bytes` that is whole characters of UTF-8. */
export function utf8FaultAt(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (utf8Start(bytes.subarray(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  return utf8(utf8Start(bytes.subarray(0, good)) ?? "").length;
}

/** The whole characters of `bytes`, which may end inside one; `undefined` when no further bytes can make it UTF-8. */
function utf8Start(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexOfByte[byte];
  return text;
}

/**
 * Bytes of a hex text, either case.
 *
 * @throws SettlementError `HEX_MALFORMED` for an odd length or any other character
 */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  let all = text.length % 2 === 0 ? 0 : noHex;
  for (let at = 0; at < bytes.length; at++) {
    const high = hexValues[text.charCodeAt(2 * at)] ?? noHex;
    const low = hexValues[text.charCodeAt(2 * at + 1)] ?? noHex;
    all |= high | low;
    bytes[at] = 16 * high + low;
  }
  if (all < noHex) return bytes;
  throw new SettlementError("HEX_MALFORMED", "not an even number of hex digits");
}

/** Is this exactly 64 lower-case hex digits, our one spelling of a SHA-256 hash? */
export function isHashHex(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** Standard base64 with padding, RFC 4648 §4. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const rest = bytes.length - at;
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += base64Alphabet.charAt(word >> 18) + base64Alphabet.charAt((word >> 12) & 63);
    text += rest > 1 ? base64Alphabet.charAt((word >> 6) & 63) : "=";
    text += rest > 2 ? base64Alphabet.charAt(word & 63) : "=";
  }
  return text;
}

/**
 * Bytes of the one canonical base64 spelling, RFC 4648 §4: padded, standard alphabet, zero spare bits.
 *
 * @throws SettlementError `BASE64_MALFORMED` for every other spelling of the same bytes
 */
export function fromBase64(text: string): Uint8Array {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array(Math.floor((digits * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < digits; index++) {
    const value = base64Values[text.charCodeAt(index)] ?? noBase64;
    if (value === noBase64) throw new SettlementError("BASE64_MALFORMED", "a character is not of the base64 alphabet");
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  if (text.length % 4 !== 0 || (word & ((1 << bits) - 1)) !== 0) {
    throw new SettlementError("BASE64_MALFORMED", "not the canonical padded base64 spelling");
  }
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Order of unsigned bytes, shorter first when one is a prefix: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Big-endian unsigned integer of 1 to 8 bytes. */
export function uintBytes(value: number | bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  let rest = BigInt(value);
  for (let at = width - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  if (rest !== 0n) throw new RangeError(`${value} does not fit ${width} bytes`);
  return bytes;
}
