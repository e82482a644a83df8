/**
 * Canonical form (RFC 8785) of objects that are plain: no white space between tokens, no escapes, names of ASCII, short
 * numbers in their canonical spelling. Such a text differs from its canonical form in the order of members alone, and is
 * brought into it where it stands.
 */

/** Members of one object that is not in order already, so that nobody chooses how long sorting takes. */
const mostUnsorted = 64;
const mostOpenMembers = 512;
const mostDigits = 15;
const mostDecimals = 6;

/** Nesting of arrays and objects. */
const maxDepth = 16;

const quote = 0x22;
const comma = 0x2c;
const dot = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;

const words = ["true", "false", "null"].map((word) => Uint8Array.from(word, (char) => char.charCodeAt(0)));

/** Members of an object in canonical order: where each begins, with its name; where its value does; where that ends. */
export interface Members {
  count: number;
  readonly spans: Int32Array;
}

/** Numbers of {@link Members.spans} a member. */
export const spanWidth = 3;

/** Reads one text after the other out of the same bytes. */
export interface PlainJson {
  /** UTF-8, in which no line feed is part of a text. */
  readonly bytes: Uint8Array;
  /** From here on there is as much room for members that change places as the longest text takes. */
  readonly spare: number;
  /** Of the object that was read. */
  readonly members: Members;
  /** Of the last object among the values of `members`, counted from its own start. */
  readonly inner: Members;
  /** Objects among the values of `members`. */
  objects: number;
  /** Numbers of `members.spans` in use, those of objects that are not whole yet included. */
  used: number;
}

export function plainJson(bytes: Uint8Array, spare: number): PlainJson {
  const none = (): Members => ({ count: 0, spans: new Int32Array(spanWidth * mostOpenMembers) });
  return { bytes, spare, members: none(), inner: none(), objects: 0, used: 0 };
}

/**
 * Brings the object at `at` into canonical form, which is as long as it was.
 *
 * @returns where it ends, or -1 when it is wrong or merely not plain; its members may be in any order then
 */
export function readPlainObject(json: PlainJson, at: number): number {
  json.used = 0;
  json.objects = 0;
  json.inner.count = 0;
  const end = json.bytes[at] === braceOpen ? objectEnd(json, at, 1) : -1;
  json.members.count = json.used / spanWidth;
  return end;
}

function valueEnd(json: PlainJson, at: number, depth: number): number {
  const { bytes } = json;
  switch (bytes[at]) {
    case quote:
      return textEnd(bytes, at + 1, 0xff);
    case braceOpen:
      return depth === maxDepth ? -1 : objectEnd(json, at, depth + 1);
    case bracketOpen:
      return depth === maxDepth ? -1 : arrayEnd(json, at, depth + 1);
    default:
      return scalarEnd(bytes, at);
  }
}

function arrayEnd(json: PlainJson, start: number, depth: number): number {
  const { bytes } = json;
  if (bytes[start + 1] === bracketClose) return start + 2;
  let at = start;
  do {
    at = valueEnd(json, at + 1, depth);
    if (at < 0) return -1;
  } while (bytes[at] === comma);
  return bytes[at] === bracketClose ? at + 1 : -1;
}

function objectEnd(json: PlainJson, start: number, depth: number): number {
  const { bytes } = json;
  const base = json.used;
  const at = bytes[start + 1] === braceClose ? start + 1 : membersEnd(json, start, depth);
  if (bytes[at] !== braceClose || !sortMembers(json, base)) return -1;
  if (depth === 2) keepInner(json, base, start);
  if (depth > 1) json.used = base;
  return at + 1;
}

/** @param start - of the brace before the members */
function membersEnd(json: PlainJson, start: number, depth: number): number {
  const { bytes, members } = json;
  const { spans } = members;
  let at = start;
  do {
    const name = at + 1;
    const nameEnd = bytes[name] === quote ? textEnd(bytes, name + 1, 0x7f) : -1;
    if (nameEnd < 0 || bytes[nameEnd] !== colon || json.used === spans.length) return -1;
    const own = json.used;
    json.used += spanWidth;
    at = valueEnd(json, nameEnd + 1, depth);
    if (at < 0) return -1;
    spans[own] = name;
    spans[own + 1] = nameEnd + 1;
    spans[own + 2] = at;
  } while (bytes[at] === comma);
  return at;
}

function keepInner(json: PlainJson, base: number, start: number): void {
  const { members, inner, used } = json;
  json.objects++;
  inner.count = (used - base) / spanWidth;
  for (let at = base; at < used; at++) inner.spans[at - base] = (members.spans[at] ?? 0) - start;
}

/** Puts the last members, from `base` on, in order. @returns false when two have one name, or there are too many */
function sortMembers(json: PlainJson, base: number): boolean {
  const { bytes, members, used } = json;
  const { spans } = members;
  let sorted = base + spanWidth;
  while (sorted < used && compareNames(bytes, spans[sorted - spanWidth] ?? 0, spans[sorted] ?? 0) < 0) {
    sorted += spanWidth;
  }
  if (sorted >= used) return true;
  if ((used - base) / spanWidth > mostUnsorted) return false;
  const from = spans[base] ?? 0;
  bytes.copyWithin(json.spare, from, spans[used - 1]);
  for (; sorted < used; sorted += spanWidth) if (!insertSpan(bytes, spans, base, sorted)) return false;
  placeMembers(json, base, from);
  return true;
}

/** Moves a span down to its place among those from `base` on. @returns false when one of them has its name */
function insertSpan(bytes: Uint8Array, spans: Int32Array, base: number, at: number): boolean {
  const name = spans[at] ?? 0;
  const start = spans[at + 1] ?? 0;
  const end = spans[at + 2] ?? 0;
  let to = at;
  for (; to > base; to -= spanWidth) {
    const order = compareNames(bytes, spans[to - spanWidth] ?? 0, name);
    if (order === 0) return false;
    if (order < 0) break;
    // One by one: a call of `copyWithin` takes far longer than three numbers.
    const from = to - spanWidth;
    spans[to] = spans[from] ?? 0;
    spans[to + 1] = spans[from + 1] ?? 0;
    spans[to + 2] = spans[from + 2] ?? 0;
  }
  spans[to] = name;
  spans[to + 1] = start;
  spans[to + 2] = end;
  return true;
}

/**
 * Writes the members from `base` on in the order of their spans. Those that stay side by side are moved together: a call
 * takes longer than what most of them take.
 *
 * @param from - where the first of them was
 */
function placeMembers({ bytes, spare, members, used }: PlainJson, base: number, from: number): void {
  const { spans } = members;
  let out = from;
  for (let at = base; at < used;) {
    if (out > from) bytes[out++] = comma;
    const first = spans[at] ?? 0;
    const by = out - first;
    let end = first;
    do {
      end = spans[at + 2] ?? 0;
      spans[at] = (spans[at] ?? 0) + by;
      spans[at + 1] = (spans[at + 1] ?? 0) + by;
      spans[at + 2] = end + by;
      at += spanWidth;
    } while (at < used && spans[at] === end + 1);
    if (by !== 0) bytes.copyWithin(out, spare + first - from, spare + end - from);
    out = end + by;
  }
}

/** Behind the quote that ends a text, -1 when an escape, a control character or a byte above `most` comes before it. */
function textEnd(bytes: Uint8Array, from: number, most: number): number {
  for (let at = from; ; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte < 0x20 || byte === backslash || byte > most) return -1;
  }
}

/** Order of two names without escapes, which begin with a quote. */
function compareNames(bytes: Uint8Array, a: number, b: number): number {
  for (let at = 1; ; at++) {
    const one = bytes[a + at] ?? 0;
    const other = bytes[b + at] ?? 0;
    if (one === other && one !== quote) continue;
    if (one === other) return 0;
    if (one === quote) return -1;
    return other === quote ? 1 : one - other;
  }
}

function scalarEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x61) return numberEnd(bytes, at);
  const word = words.find((each) => each[0] === first);
  return word && word.every((byte, offset) => bytes[at + offset] === byte) ? at + word.length : -1;
}

/** A number of up to 15 digits is a double that is written with the same digits again. */
function numberEnd(bytes: Uint8Array, at: number): number {
  const start = bytes[at] === 0x2d ? at + 1 : at;
  const whole = digitsEnd(bytes, start);
  const isZero = bytes[start] === zero;
  if (whole === start || (isZero && whole > start + 1)) return -1;
  if (bytes[whole] !== dot) return whole - start > mostDigits || (isZero && start > at) ? -1 : whole;
  const end = digitsEnd(bytes, whole + 1);
  const decimals = end - whole - 1;
  const isShort = decimals > 0 && decimals <= mostDecimals && end - start - 1 <= mostDigits;
  return isShort && bytes[end - 1] !== zero ? end : -1;
}

function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) >= zero && (bytes[at] ?? 0) <= 0x39) at++;
  return at;
}
