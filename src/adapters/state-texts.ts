import { SettlementError } from "../core/error.ts";

/** PostgreSQL keeps no NUL; the driver of PGlite drops a byte order mark in front. */
const lost = /\0|^\uFEFF/gu;

/**
 * A name that came back altered would be another name, so one that the state would alter is refused.
 *
 * @throws SettlementError `STATE_UNAVAILABLE`
 */
export function requireStorable(...texts: readonly string[]): void {
  if (texts.every((text) => text.isWellFormed() && text.search(lost) < 0)) return;
  throw new SettlementError(
    "STATE_UNAVAILABLE",
    "the state cannot keep a text that holds NUL or half a character, or begins with a byte order mark",
  );
}

/** A text for people, such as a reason that quotes what was refused, with U+FFFD for what the state would lose. */
export function readableText(text: string): string {
  return text.toWellFormed().replace(lost, "\uFFFD");
}
