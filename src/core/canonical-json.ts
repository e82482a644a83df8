import { utf8 } from "./bytes.ts";
import { type ErrorCode, SettlementError } from "./error.ts";
import { defaultMaxDepth, type JsonObject, type JsonValue } from "./json.ts";

/** Member names and indexes from the root to the value at hand; only its first `depth` entries count. */
type Path = (string | number)[];

// Everything but the quote, the backslash, control characters and surrogates.
const plainText = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * The one canonical text of a value, RFC 8785: keys ordered by UTF-16 code units, ECMAScript numbers, least escaping.
 *
 * @param maxDepth - deepest nesting of arrays and objects
 * @throws SettlementError `JSON_NUMBER_OUT_OF_RANGE` (NaN, infinities), `JSON_LONE_SURROGATE`, `JSON_TOO_DEEP` (cycles
 *   too), `JSON_VALUE_UNSUPPORTED` (what JSON has no word for: undefined, functions, dates, byte arrays)
 */
export function canonicalJson(value: JsonValue, maxDepth: number = defaultMaxDepth): string {
  return write(value, maxDepth, 0, []);
}

/** UTF-8 of {@link canonicalJson}: what is hashed and signed. */
export function canonicalBytes(value: JsonValue, maxDepth: number = defaultMaxDepth): Uint8Array {
  return utf8(canonicalJson(value, maxDepth));
}

function write(value: JsonValue, maxDepth: number, depth: number, path: Path): string {
  switch (typeof value) {
    case "string":
      return writeString(value, depth, path);
    case "number":
      if (!Number.isFinite(value)) throw fault("JSON_NUMBER_OUT_OF_RANGE", `${value} is no JSON number`, depth, path);
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      break;
    default:
      throw fault("JSON_VALUE_UNSUPPORTED", `a value of type ${typeof value} has no JSON form`, depth, path);
  }
  if (value === null) return "null";
  if (depth >= maxDepth) throw fault("JSON_TOO_DEEP", `arrays and objects nest deeper than ${maxDepth}`, depth, path);
  return Array.isArray(value)
    ? writeArray(value as readonly JsonValue[], maxDepth, depth, path)
    : writeObject(value as JsonObject, maxDepth, depth, path);
}

function writeArray(items: readonly JsonValue[], maxDepth: number, depth: number, path: Path): string {
  let text = "[";
  for (let at = 0; at < items.length; at++) {
    path[depth] = at;
    if (at > 0) text += ",";
    text += write(items[at] as JsonValue, maxDepth, depth + 1, path);
  }
  return `${text}]`;
}

function writeObject(object: JsonObject, maxDepth: number, depth: number, path: Path): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    throw fault("JSON_VALUE_UNSUPPORTED", "an object that is not a plain one has no JSON form", depth, path);
  }
  let text = "{";
  for (const key of Object.keys(object).toSorted()) {
    path[depth] = key;
    if (text.length > 1) text += ",";
    text += `${writeString(key, depth + 1, path)}:${write(object[key] as JsonValue, maxDepth, depth + 1, path)}`;
  }
  return `${text}}`;
}

function writeString(text: string, depth: number, path: Path): string {
  if (plainText.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) {
    throw fault("JSON_LONE_SURROGATE", "half of a surrogate pair, which no UTF-8 can carry", depth, path);
  }
  // ECMAScript's own escaping of well-formed text is the one RFC 8785 §3.2.2.2 asks for.
  return JSON.stringify(text);
}

function fault(code: ErrorCode, what: string, depth: number, path: Path): SettlementError {
  const steps = path.slice(0, depth).map((step) => `[${JSON.stringify(step)}]`);
  return new SettlementError(code, `canonical JSON, at $${steps.join("")}: ${what}`);
}
