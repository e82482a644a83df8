import { type ErrorCode, SettlementError } from "./error.ts";
import type { JsonObject, JsonValue } from "./json.ts";

interface Scanner {
  readonly text: string;
  readonly maxDepth: number;
  at: number;
}

const space = /[ \t\n\r]*/y;
const plainCharacters = /[ !#-[\]-\uffff]*/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const numberCharacters = /[-+.0-9a-zA-Z]*/y;
const fourHexDigits = /[0-9a-fA-F]{4}/y;
const loneSurrogate = /\p{Surrogate}/u;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Value of an I-JSON text, read character by character; the reference for what `parseJson` accepts. */
export function scanJson(text: string, maxDepth: number): JsonValue {
  const scanner: Scanner = { text, maxDepth, at: 0 };
  if (text.startsWith("\ufeff")) throw fault(scanner, "a byte order mark; save the file without it");
  if (!text.isWellFormed()) throw surrogateFault(scanner, text.search(loneSurrogate), "the text holds");
  take(scanner, space);
  const value = scanValue(scanner, 1);
  take(scanner, space);
  if (scanner.at < text.length) throw fault(scanner, `${seen(scanner)} after the end of the value; remove it`);
  return value;
}

/** The error for a fault at UTF-16 offset `at`. Lines and columns count from 1, columns in UTF-16 code units. */
export function jsonFault(code: ErrorCode, text: string, at: number, what: string, cause?: unknown): SettlementError {
  const lines = text.slice(0, at).split("\n");
  const column = (lines.at(-1) ?? "").length + 1;
  return new SettlementError(
    code,
    `JSON line ${lines.length}, column ${column}: ${what}`,
    cause === undefined ? {} : { cause },
  );
}

function scanValue(scanner: Scanner, depth: number): JsonValue {
  switch (scanner.text[scanner.at]) {
    case "{":
      return scanObject(scanner, depth);
    case "[":
      return scanArray(scanner, depth);
    case '"':
      return scanString(scanner);
    case "t":
      return scanWord(scanner, "true", true);
    case "f":
      return scanWord(scanner, "false", false);
    case "n":
      return scanWord(scanner, "null", null);
    default:
      return scanNumber(scanner);
  }
}

function scanObject(scanner: Scanner, depth: number): JsonObject {
  enter(scanner, depth);
  const object: Record<string, JsonValue> = {};
  if (closes(scanner, "}")) return object;
  do {
    take(scanner, space);
    const keyAt = scanner.at;
    if (scanner.text[keyAt] !== '"') throw fault(scanner, `${seen(scanner)} where a key in double quotes belongs`);
    const key = scanString(scanner);
    if (Object.hasOwn(object, key)) {
      scanner.at = keyAt;
      throw fault(scanner, `the key ${quoted(key)} comes twice in one object; keep one`, "JSON_DUPLICATE_KEY");
    }
    take(scanner, space);
    expect(scanner, ":");
    take(scanner, space);
    setOwn(object, key, scanValue(scanner, depth + 1));
  } while (continues(scanner, "}"));
  return object;
}

function scanArray(scanner: Scanner, depth: number): readonly JsonValue[] {
  enter(scanner, depth);
  const items: JsonValue[] = [];
  if (closes(scanner, "]")) return items;
  do {
    take(scanner, space);
    items.push(scanValue(scanner, depth + 1));
  } while (continues(scanner, "]"));
  return items;
}

function scanString(scanner: Scanner): string {
  const start = scanner.at++;
  let value = take(scanner, plainCharacters);
  for (;;) {
    const char = scanner.text[scanner.at];
    if (char === '"') break;
    if (char === "\\") value += scanEscape(scanner);
    else if (char === undefined) throw fault(scanner, 'the text ends inside a string; close it with "');
    else throw fault(scanner, `the control character ${seen(scanner)} in a string; write it as an escape`);
    value += take(scanner, plainCharacters);
  }
  scanner.at++;
  // Judged when the string is whole, since two escapes may make one pair.
  if (!value.isWellFormed()) throw surrogateFault(scanner, start, "the string that starts here holds");
  return value;
}

function scanEscape(scanner: Scanner): string {
  const letter = scanner.text[scanner.at + 1] ?? "";
  const simple = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
  if (simple !== undefined) {
    scanner.at += 2;
    return simple;
  }
  fourHexDigits.lastIndex = scanner.at + 2;
  const digits = letter === "u" ? fourHexDigits.exec(scanner.text) : null;
  if (!digits) throw fault(scanner, 'an unknown escape; JSON has \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX');
  scanner.at += 6;
  return String.fromCharCode(Number.parseInt(digits[0], 16));
}

function scanNumber(scanner: Scanner): number {
  const start = scanner.at;
  const literal = take(scanner, number);
  if (literal === "") throw fault(scanner, `${seen(scanner)} where a value belongs`);
  if (take(scanner, numberCharacters) !== "") {
    scanner.at = start;
    throw fault(scanner, "not a JSON number; write digits without leading zero, then .digits and e±digits if needed");
  }
  const value = Number(literal);
  if (!Number.isFinite(value)) {
    scanner.at = start;
    throw fault(
      scanner,
      `the number ${shortened(literal)} is too large for an IEEE double; write it as a string`,
      "JSON_NUMBER_OUT_OF_RANGE",
    );
  }
  return value;
}

function scanWord<Word extends JsonValue>(scanner: Scanner, word: string, value: Word): Word {
  if (!scanner.text.startsWith(word, scanner.at)) throw fault(scanner, `${seen(scanner)} where a value belongs`);
  scanner.at += word.length;
  return value;
}

/** Steps over the bracket that opens a container. */
function enter(scanner: Scanner, depth: number): void {
  if (depth > scanner.maxDepth) {
    throw fault(scanner, `arrays and objects nest deeper than ${scanner.maxDepth}; flatten them`, "JSON_TOO_DEEP");
  }
  scanner.at++;
}

/** Does the container end at once? Its bracket is consumed then. */
function closes(scanner: Scanner, bracket: "}" | "]"): boolean {
  take(scanner, space);
  if (scanner.text[scanner.at] !== bracket) return false;
  scanner.at++;
  return true;
}

/** After an item: true past a comma, false past the closing bracket. */
function continues(scanner: Scanner, bracket: "}" | "]"): boolean {
  take(scanner, space);
  if (scanner.text[scanner.at] === ",") {
    scanner.at++;
    return true;
  }
  expect(scanner, bracket);
  return false;
}

function expect(scanner: Scanner, char: ":" | "}" | "]"): void {
  const wanted = char === ":" ? '":"' : `"," or "${char}"`;
  if (scanner.text[scanner.at] !== char) throw fault(scanner, `${seen(scanner)} where ${wanted} belongs`);
  scanner.at++;
}

/** Consumes what a sticky pattern that also matches nothing finds here. */
function take(scanner: Scanner, pattern: RegExp): string {
  pattern.lastIndex = scanner.at;
  const found = pattern.exec(scanner.text)?.[0] ?? "";
  scanner.at += found.length;
  return found;
}

/** Plain assignment to `__proto__` would change the prototype. */
function setOwn(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}

function fault(scanner: Scanner, what: string, code: ErrorCode = "JSON_MALFORMED"): SettlementError {
  return jsonFault(code, scanner.text, scanner.at, what);
}

function surrogateFault(scanner: Scanner, at: number, where: string): SettlementError {
  const what = `${where} half of a surrogate pair, which no UTF-8 can carry; write the whole character`;
  return jsonFault("JSON_LONE_SURROGATE", scanner.text, at, what);
}

/** The character here, as a message shows it. */
function seen(scanner: Scanner): string {
  const code = scanner.text.codePointAt(scanner.at);
  return code === undefined ? "the text ends" : JSON.stringify(String.fromCodePoint(code));
}

function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
