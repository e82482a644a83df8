import { utf8 } from "../core/bytes.ts";

/** JSON as it is published: two spaces, and a line feed at the end. */
export function publishedJson(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 2)}\n`);
}
