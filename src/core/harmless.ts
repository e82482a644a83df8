/**
 * `text` with what could move a cursor, hide itself or turn the reading direction made visible: proofs come from
 * strangers.
 */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
