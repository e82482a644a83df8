/** A JSON object as received or to be sent; its fields are untrusted until looked at. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Bytes of one request, as rippled's `RPC::Tuning::maxRequestSize`. */
export const maxRequestSize = 1_000_000;
const maxDepth = 25;

/** The outcome of reading a request: its value, or jsoncpp's words about the first fault (empty where it has none). */
export type JsonReading = { readonly value: unknown } | { readonly fault: string };

/** Reads the text of a request within rippled's bounds of size and nesting. */
export function readJson(text: string): JsonReading {
  if (text.length > maxRequestSize) return { fault: "" };
  const deepAt = tooDeepAt(text);
  if (deepAt !== undefined) return { fault: faultAt(text, deepAt, "Syntax error: maximum nesting depth exceeded") };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object") return { value };
    return { fault: faultAt(text, 0, "A valid JSON document must be either an array or an object value.") };
  } catch (error) {
    return { fault: syntaxFault(text, String(error)) };
  }
}

function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return at;
    } else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return undefined;
}

/** What V8 says of a syntax error, and what jsoncpp says of the same. */
const wordsOf: readonly (readonly [RegExp, string])[] = [
  [/Expected ',' or '\}'/, "Missing ',' or '}' in object declaration"],
  [/Expected ',' or '\]'/, "Missing ',' or ']' in array declaration"],
  [/Expected ':'/, "Missing ':' after object member name"],
  [/property name/, "Missing '}' or object member name"],
];

function syntaxFault(text: string, error: string): string {
  const words =
    wordsOf.find(([pattern]) => pattern.test(error))?.[1] ?? "Syntax error: value, object or array expected.";
  const at = /at position (\d+)/.exec(error)?.[1] ?? (error.includes("end of JSON") ? text.length : 0);
  return faultAt(text, Number(at), words);
}

function faultAt(text: string, at: number, words: string): string {
  const before = text.slice(0, at).split("\n");
  return `* Line ${before.length}, Column ${(before.at(-1)?.length ?? 0) + 1}\n  ${words}\n`;
}
