import { expect, test } from "vitest";
import { harmless } from "../../src/core/harmless.ts";

test.for([
  { comment: "plain text, other scripts and emoji stay", text: "1.2.0 שלום 🚢 é", expected: "1.2.0 שלום 🚢 é" },
  { comment: "escape sequences of terminals", text: "\u001b[2J", expected: "\\u{1b}[2J" },
  { comment: "line feeds", text: "a\nb", expected: "a\\u{a}b" },
  { comment: "overrides of the reading direction", text: "a\u202eb\u2066", expected: "a\\u{202e}b\\u{2066}" },
  { comment: "what has no width", text: "a\u200bb\ufeff", expected: "a\\u{200b}b\\u{feff}" },
  { comment: "separators of lines and paragraphs", text: "\u2028\u2029", expected: "\\u{2028}\\u{2029}" },
  { comment: "tags outside the basic plane", text: "a\u{e0041}", expected: "a\\u{e0041}" },
])("$comment", ({ text, expected }) => {
  expect(harmless(text)).toBe(expected);
});
