/** Texts that a database must give back as they are. */
export const hostileTexts: readonly string[] = [
  "",
  " ",
  "'",
  '"',
  "''",
  "\\",
  "\\'; drop table settlement.migrations; --",
  "'); drop schema settlement cascade; --",
  "$1",
  "$$",
  "%s %%",
  "{}",
  '{"a":1}',
  "{NULL}",
  "null",
  "\\x00",
  "\\u0000",
  "a\nb\r\n\tc",
  "\u0001\u001F\u007F\u0085",
  "no \uFEFFbom",
  "\uFFFE\uFFFF\uFFFD",
  "\u202Eright to left",
  "é",
  "e\u0301",
  "😀 𝔘",
  "__proto__",
  "toString",
];

/** Texts that one PostgreSQL or another does not give back as they are. */
export const unstorableTexts: readonly string[] = [
  "\0",
  "a\0b",
  "\uD83D",
  "\uDE00 a",
  "a\uD83Db",
  "\uFEFF",
  "\uFEFFbom",
];

/** A megabyte that does not compress to nothing. */
export const longText = Array.from({ length: 1 << 16 }, (_, at) =>
  ((at * 2_654_435_761) >>> 0).toString(36).padStart(16, "'"),
).join("");
