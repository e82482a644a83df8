import { concatBytes, uintBytes, utf8 } from "./bytes.ts";

/** `string` of RFC 4251 §5: its length in four bytes, then its bytes. */
export function sshString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? utf8(value) : value;
  return concatBytes(uintBytes(bytes.length, 4), bytes);
}

/** The `string`s of RFC 4251 §5 that make up all of `bytes`; undefined where they do not end together. */
export function sshStrings(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const strings: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [a, b, c, d] = bytes.subarray(at, at + 4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    const length = ((a * 256 + b) * 256 + c) * 256 + d;
    at += 4;
    if (length > bytes.length - at) return undefined;
    strings.push(bytes.subarray(at, at + length));
    at += length;
  }
  return strings;
}

/** A `string` that is meant to be ASCII, for a comparison: every other byte becomes a question mark. */
export function sshText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?")).join("");
}
