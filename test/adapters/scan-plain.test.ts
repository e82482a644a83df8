import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { type PlacedItem, scanItems } from "../../src/adapters/scan-chunk.ts";
import { termKeys } from "../../src/adapters/scan-means.ts";
import { scanPlain } from "../../src/adapters/scan-plain.ts";
import { concatBytes, utf8 } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { type EventChunk, linesIn } from "../../src/core/event-chunks.ts";
import { leafHash } from "../../src/core/merkle.ts";
import type { PartitionForm } from "../../src/core/partition-file.ts";
import type { ScannedEvents } from "../../src/ports.ts";
import { eventText } from "../support/event-texts.ts";
import { jsonlEvent, jsonOf, monthlyEvent } from "../support/made-events.ts";

const means = { sha256: nodeSha256, keyOf: termKeys(nodeSha256) };
const start = 7;

interface Chunk {
  readonly chunk: EventChunk;
  readonly items: readonly PlacedItem[];
}

/** @param texts - of events, the `firstIndex`th of a file and those after it */
function chunkOf(form: PartitionForm, texts: readonly string[], { firstIndex = 0, end = "\n" } = {}): Chunk {
  const items: PlacedItem[] = [];
  let written = "";
  for (const [at, text] of texts.entries()) {
    if (form === "array" && firstIndex + at > 0) written += ",";
    items.push({
      index: firstIndex + at,
      line: 0,
      text,
      offset: start + utf8(written).length,
      length: utf8(text).length,
    });
    written += `${text}${end}`;
  }
  const bytes = utf8(written);
  return { chunk: { firstIndex, count: linesIn(bytes), start, bytes }, items };
}

/** What parsing each event comes to. */
function parsed(items: readonly PlacedItem[]): ScannedEvents | undefined {
  try {
    return scanItems("file", items, means);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

/** The leaf hashes are checked, and left out. */
function withoutLeaves(events: ScannedEvents | undefined): ScannedEvents | undefined {
  if (!events?.details) return events;
  const { leaves, ...details } = events.details;
  const expected = Array.from({ length: events.count }, (_, at) => leafHash(events.ids.slice(32 * at, 32 * at + 32)));
  expect(leaves).toEqual(concatBytes(...expected));
  return { ...events, details };
}

const good = [
  ...["plain", "é 😀", 'a "quote"\\', "tab\t", "y".repeat(700)].map((mark) => monthlyEvent(mark)),
  monthlyEvent("late", "2026-03-31T23:59:59.999Z"),
].map(jsonOf);
const jsonl = ["plain", "é", '"'].map((mark) => jsonOf(jsonlEvent(mark)));

test.each<[string, PartitionForm, readonly string[], object]>([
  ["a month from its start", "array", good, {}],
  ["a month from its middle", "array", good, { firstIndex: 12 }],
  ["a list", "lines", jsonl, {}],
  ["a list with lines of another system", "lines", jsonl, { end: "\r\n" }],
  ["a list with spaces", "lines", [` ${jsonl[0]} `, `${jsonl[1]?.replaceAll(",", " ,  ")}`], {}],
  ["numbers that are longer when they are canonical", "lines", [jsonOf(jsonlEvent("x")), ...jsonl], {}],
])("of %s it finds what parsing finds", (_, form, texts, options) => {
  const { chunk, items } = chunkOf(form, texts, options);
  const found = scanPlain({ form, chunk }, means);
  expect(found).toBeDefined();
  expect(withoutLeaves(found)).toEqual(parsed(items));
  const { details, ...rest } = found ?? {};
  expect(scanPlain({ form, chunk }, { sha256: nodeSha256 })).toEqual({ ...rest, details: undefined });
  expect(details?.lines.length).toBe(details?.lineEnds.at(-1) ?? 0);
});

test.each<[string, PartitionForm, readonly string[]]>([
  ["an event that is none", "array", [...good, '{"id":1}']],
  ["both dialects", "lines", [...good, ...jsonl]],
  ["a blank line", "lines", [...jsonl, " ", ...jsonl]],
  ["a line that ends otherwise", "array", [...good, `${good[0]} `]],
  ["a line that begins otherwise", "array", [...good, ` ${good[0]}`]],
  ["two events on a line", "array", [`${good[0]},${good[1]}`]],
])("a chunk with %s is left to the parser", (_, form, texts) => {
  expect(scanPlain({ form, chunk: chunkOf(form, texts).chunk }, means)).toBeUndefined();
});

test("bytes that are no UTF-8, and a chunk that is very long, are left to the parser", () => {
  const { chunk } = chunkOf("lines", jsonl);
  const torn = chunk.bytes.with(chunk.bytes.indexOf(0xc3), 0xff);
  expect(scanPlain({ form: "lines", chunk: { ...chunk, bytes: torn } }, means)).toBeUndefined();
  const { chunk: long } = chunkOf("lines", [jsonOf(jsonlEvent("y".repeat(2 ** 20)))]);
  expect(scanPlain({ form: "lines", chunk: long }, means)).toBeUndefined();
});

test("of any events it finds what parsing finds, or nothing", () => {
  const texts = fc.array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...good) }, eventText), {
    minLength: 1,
    maxLength: 4,
  });
  let found = 0;
  fc.assert(
    fc.property(texts, fc.constantFrom<PartitionForm>("array", "lines"), (some, form) => {
      const { chunk, items } = chunkOf(form, some);
      const events = scanPlain({ form, chunk }, means);
      if (events) expect(withoutLeaves(events)).toEqual(parsed(items));
      found += events ? 1 : 0;
    }),
    { numRuns: 1000 },
  );
  expect(found).toBeGreaterThan(100);
});
