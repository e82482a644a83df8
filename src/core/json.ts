import { fromUtf8, utf8, utf8FaultAt } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { jsonFault, scanJson } from "./json-scanner.ts";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A parsed object. Its keys are the document's own, `__proto__` included: look members up with `Object.hasOwn`. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface JsonLimits {
  /** Deepest nesting of arrays and objects, at most a few thousand; {@link defaultMaxDepth} when left out. */
  readonly maxDepth?: number;
  /** Most bytes of UTF-8; unlimited when left out. */
  readonly maxBytes?: number;
}

/** Nesting that {@link parseJson} and `canonicalJson` allow by default. */
export const defaultMaxDepth = 64;

const surrogateEscape = /\\u[dD][89a-fA-F]/;

/**
 * Value of an I-JSON document, RFC 7493 over RFC 8259: one meaning, or an error that names line and column.
 *
 * Numbers round to the nearest IEEE double as in RFC 8785, so an integer above 2^53 passes and may lose digits.
 * Noncharacters such as U+FFFE pass too: they have one canonical form.
 *
 * @throws SettlementError `JSON_MALFORMED` (a byte order mark and trailing text included), `JSON_DUPLICATE_KEY`,
 *   `JSON_LONE_SURROGATE`, `JSON_NUMBER_OUT_OF_RANGE`, `JSON_TOO_DEEP`, `JSON_TOO_LARGE`, `UTF8_MALFORMED`
 */
export function parseJson(input: string | Uint8Array, limits: JsonLimits = {}): JsonValue {
  const { maxDepth = defaultMaxDepth, maxBytes = Infinity } = limits;
  refuseLarge(input, maxBytes);
  const text = typeof input === "string" ? input : decode(input);
  return parseNative(text, maxDepth) ?? scanJson(text, maxDepth);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuseLarge(input: string | Uint8Array, maxBytes: number): void {
  // A UTF-16 code unit takes one to three bytes of UTF-8: most texts need no encoding to be judged.
  const unsure = typeof input === "string" && input.length <= maxBytes && input.length * 3 > maxBytes;
  const length = unsure ? utf8(input).length : input.length;
  if (length > maxBytes) {
    throw new SettlementError(
      "JSON_TOO_LARGE",
      `the JSON has ${length} bytes or more; at most ${maxBytes} are allowed`,
    );
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    const before = new TextDecoder().decode(bytes.subarray(0, utf8FaultAt(bytes)));
    throw jsonFault("UTF8_MALFORMED", before, before.length, "the bytes are not UTF-8; save the file as UTF-8", cause);
  }
}

/**
 * The platform's parser with the checks that it lacks; `undefined` when the document is bad or merely doubtful,
 * so that {@link scanJson} decides and says why. It is several times faster than any scanner written here.
 */
function parseNative(text: string, maxDepth: number): JsonValue | undefined {
  if (!text.isWellFormed() || surrogateEscape.test(text)) return undefined;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  return membersHeld(value, maxDepth) === membersWritten(text) ? value : undefined;
}

/** Number of object members in `value`: fewer than the text writes when a key came twice. NaN when a limit is broken. */
function membersHeld(value: JsonValue, depthLeft: number): number {
  if (typeof value === "number") return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== "object" || value === null) return 0;
  if (depthLeft === 0) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) count += membersHeld(item, depthLeft - 1);
    return count;
  }
  const object = value as JsonObject;
  for (const key in object) count += 1 + membersHeld(object[key] as JsonValue, depthLeft - 1);
  return count;
}

/**
 * Number of object members in a text that is known to be JSON: its strings that are followed by a colon. NaN when one of
 * them has an escape: V8 of Node 24 can take such a key for one of an earlier document (nodejs/node#63785).
 */
function membersWritten(text: string): number {
  let count = 0;
  let slash = text.indexOf("\\");
  let open = text.indexOf('"');
  while (open !== -1) {
    let close = text.indexOf('"', open + 1);
    while (isEscaped(text, close)) close = text.indexOf('"', close + 1);
    let next = close + 1;
    while (text.charCodeAt(next) <= 0x20) next++;
    if (text.charCodeAt(next) === 0x3a) {
      while (slash !== -1 && slash < open) slash = text.indexOf("\\", open);
      if (slash !== -1 && slash < close) return Number.NaN;
      count++;
    }
    open = text.indexOf('"', next);
  }
  return count;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text.charCodeAt(at - 1) === 0x5c) at--;
  return (quote - at) % 2 === 1;
}
