import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeTreeHashing } from "../../src/adapters/node-tree.ts";
import { fromUtf8, toHex, utf8 } from "../../src/core/bytes.ts";
import { maxTerms, termKey, termsOf } from "../../src/core/event-index.ts";
import type { EventLine } from "../../src/core/event.ts";
import { sha256 } from "../../src/core/hash.ts";
import { isJsonObject, parseJson } from "../../src/core/json.ts";
import { dialectOf, type LedgerEvent, parseLedgerLine } from "../../src/core/ledger-event.ts";
import { type HashRange, plainEvents } from "../../src/core/plain-event.ts";
import { plainTerms } from "../../src/core/plain-terms.ts";
import { jsonlEvent, jsonOf, monthlyEvent } from "../support/made-events.ts";
import { eventText } from "../support/event-texts.ts";

const room = 100_000;
const bytes = new Uint8Array(2 * room + 1024);
const hash: HashRange = (start, end, target, at) => target.set(sha256(bytes.subarray(start, end)), at);
const read = plainEvents(bytes, room, hash);
const writer = plainTerms(bytes, room, hash, nodeTreeHashing);

interface Facts {
  readonly dialect: string;
  readonly id: string;
  readonly unixMs: number;
  readonly line: string;
  readonly terms: readonly number[];
}

function parsed(text: string): Facts | undefined {
  let parsed: EventLine<LedgerEvent>;
  try {
    const value = parseJson(text);
    parsed = parseLedgerLine(isJsonObject(value) ? dialectOf(value) : "monthly", value);
  } catch {
    return undefined;
  }
  const { event, line } = parsed;
  const { dialect, id, unixMs } = event;
  return { dialect, id, unixMs, line, terms: termsOf(event).map(([name, term]) => 1 + termKey(name, term)) };
}

function readPlainly(text: string): Facts | undefined {
  const given = utf8(`${text}\n`);
  bytes.set(given);
  const id = new Uint8Array(34);
  const event = read(0, id, 1);
  if (!event || event.end !== given.length - 1) return undefined;
  const line = fromUtf8(bytes.slice(0, event.end));
  const terms = new Float64Array(maxTerms + 2);
  writer.begin(terms);
  writer.write(event, 1);
  writer.end();
  expect([id[0], id[33], terms[0], terms[maxTerms + 1]]).toEqual([0, 0, 0, 0]);
  const { dialect, unixMs } = event;
  return { dialect, id: toHex(id.slice(1, 33)), unixMs, line, terms: Array.from(terms).filter((key) => key > 0) };
}

test("whatever is read plainly is read as it is by parsing it", () => {
  let plain = 0;
  let good = 0;
  fc.assert(
    fc.property(eventText, (text) => {
      const found = readPlainly(text);
      const expected = parsed(text);
      if (found) expect(found).toEqual(expected);
      plain += found ? 1 : 0;
      good += expected ? 1 : 0;
    }),
    { numRuns: 6000 },
  );
  // Texts are not all refused: most of what is good is plain, too.
  expect(plain).toBeGreaterThan(300);
  expect(plain).toBeGreaterThan(good / 3);
});

test.each([
  ["a native event", jsonOf(monthlyEvent("plain"))],
  ["one with letters of other alphabets", jsonOf(monthlyEvent("Grüße, 世界 😀"))],
  ["a jsonl event", jsonOf(jsonlEvent("plain"))],
])("%s is read plainly", (_, text) => {
  expect(parsed(text)).toBeDefined();
  expect(readPlainly(text)).toEqual(parsed(text));
});

test.each([
  ["an escape", jsonOf(monthlyEvent('a "quote"'))],
  ["a space", jsonOf(monthlyEvent("x")).replace(":", ": ")],
  ["nothing", ""],
  ["a number", "12"],
  ["another id", jsonOf(monthlyEvent("x")).replace(/"id":"./, '"id":"g')],
])("%s is left to the parser", (_, text) => {
  expect(readPlainly(text)).toBeUndefined();
});

test("every millisecond is read as the parser reads it", () => {
  for (let ms = 0; ms < 1000; ms++) {
    const time = `2026-03-05T12:59:07.${String(ms).padStart(3, "0")}Z`;
    for (const event of [monthlyEvent("x", time), jsonlEvent("x", time)]) {
      expect(readPlainly(jsonOf(event))?.unixMs).toBe(event.unixMs);
    }
  }
});

test("nobody chooses how long members are sorted", () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`m${9999 - at}`, at]));
  const deep = `${"[".repeat(200)}${"]".repeat(200)}`;
  for (const payload of [JSON.stringify(many), `{"a":${deep}}`, `{"a":{${JSON.stringify(many).slice(1)}}`]) {
    expect(
      readPlainly(jsonOf(monthlyEvent("x")).replace(/"payload":\{[^}]*\}/, `"payload":${payload}`)),
    ).toBeUndefined();
  }
});
