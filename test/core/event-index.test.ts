import fc from "fast-check";
import { expect, test } from "vitest";
import {
  anchorTerm,
  idKey,
  indexFactsJson,
  leavesOf,
  maxTerms,
  parseIndexFacts,
  readPlaces,
  recordHigh,
  recordLow,
  termKey,
  termsOf,
  writePlace,
} from "../../src/core/event-index.ts";
import { sha256 } from "../../src/core/hash.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { type ReadPart, sortedIndex } from "../../src/core/sorted-index.ts";
import { utf8 } from "../../src/core/bytes.ts";

const over =
  (bytes: Uint8Array): ReadPart =>
  async (start, length) =>
    bytes.subarray(start, start + length);

test("places are read as they were written", async () => {
  const place = fc.record({
    offset: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    length: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 20 }), async (places) => {
      const bytes = new Uint8Array(8 * places.length);
      for (const [leaf, each] of places.entries()) writePlace(bytes, leaf, each);
      expect(await readPlaces(over(bytes), 0, places.length)).toEqual(places);
      expect(await readPlaces(over(bytes), places.length - 1, places.length)).toEqual(places.slice(-1));
      await expect(readPlaces(over(bytes), places.length, places.length + 1)).rejects.toMatchObject({
        code: "INDEX_MALFORMED",
      });
    }),
  );
});

test("leaves of a key are found, ascending and from one on, and those of no other", async () => {
  const ids = Array.from({ length: 3000 }, (_, at) => sha256(utf8(`event ${at}`)));
  const often = termKey("repo", "acme/widget");
  const records = [
    ...ids.map((id, leaf) => [recordHigh(idKey(id)), recordLow(idKey(id), leaf)]),
    ...[7, 2999, 2 ** 30 - 1].map((leaf) => [recordHigh(often), recordLow(often, leaf)]),
  ];
  const read = over(sortedIndex(Uint32Array.from(records.flat())));
  const leaves = async (key: number, from?: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const leaf of leavesOf(read, records.length, key, from)) found.push(leaf);
    return found;
  };
  for (const [leaf, id] of ids.entries()) expect(await leaves(idKey(id))).toEqual([leaf]);
  expect(await leaves(often)).toEqual([7, 2999, 2 ** 30 - 1]);
  expect(await leaves(often, 8)).toEqual([2999, 2 ** 30 - 1]);
  expect(await leaves(termKey("node", "acme/widget"))).toEqual([]);
});

test("an event is searched by what it says, a release by both of its names", () => {
  const said = { dialect: "monthly", repo: "acme/widget", version: "1.0.0", nodeId: "acme/widget", json: {} } as const;
  expect(termsOf({ ...said, type: "ReleasePublished" })).toEqual([
    ["repo", "acme/widget"],
    ["version", "1.0.0"],
    ["release", "acme/widget@1.0.0"],
    ["type", "ReleasePublished"],
    ["node", "acme/widget"],
  ]);
  expect(termsOf({ dialect: "jsonl", type: "KeyRotation", keyId: "key-1", json: {} })).toEqual([
    ["type", "KeyRotation"],
    ["node", "key-1"],
  ]);
});

test("an event is searched by what it is about", () => {
  const about = (event: Parameters<typeof termsOf>[0]): string[] =>
    termsOf(event).flatMap(([name, text]) => (name === "about" ? [text] : []));
  const monthly = { dialect: "monthly", nodeId: "audit/one" } as const;
  const attested = { payload: { targetEventId: "ab", toVersion: "2.0.0" } };
  expect(about({ ...monthly, type: "AttestationPublished", json: attested })).toEqual(["ab"]);
  expect(about({ ...monthly, type: "BreakingChangeDetected", repo: "a/b", json: attested })).toEqual([
    "ab",
    "a/b@2.0.0",
  ]);
  expect(about({ ...monthly, type: "BreakingChangeDetected", repo: "a/b", version: "1.0.0", json: {} })).toEqual([]);
  expect(about({ ...monthly, type: "DependencyVulnFound", repo: "a/b", json: { payload: {} } })).toEqual(["a/b@"]);
  const anchor = { attestations: [{ type: "ledger.anchor" }], targetEventId: "ab" };
  const jsonl = { dialect: "jsonl", type: "AttestationPublished", repo: "a/b", json: anchor } as const;
  expect(about({ ...jsonl, version: "1.0.0" })).toEqual([anchorTerm]);
  expect(about(jsonl)).toHaveLength(2);
  expect(termsOf({ ...jsonl, version: "1.0.0", keyId: "k" }).length).toBeLessThanOrEqual(maxTerms);
});

test("facts of an index are read back, and anything else is refused", () => {
  const facts = {
    dialect: "jsonl",
    form: "lines",
    count: 12,
    terms: 50,
    end: 2 ** 33,
    rest: 2 ** 33 - 400,
    about: true,
  } as const;
  const { about: _about, ...earlier } = facts;
  expect(parseIndexFacts({ v: 1, ...earlier })).toEqual({ ...facts, about: false });
  expect(parseIndexFacts(indexFactsJson(facts) as JsonValue)).toEqual(facts);
  const wrong: readonly (readonly [string, JsonValue])[] = [
    ["dialect", "other"],
    ["form", "tree"],
    ["count", -1],
    ["count", 2 ** 31],
    ["terms", 1.5],
    ["end", 2 ** 41],
    ["rest", "0"],
  ];
  for (const [name, value] of wrong) {
    const failing = (): unknown => parseIndexFacts({ ...indexFactsJson(facts), [name]: value } as JsonValue);
    expect(failing).toThrow(expect.objectContaining({ code: "INDEX_MALFORMED" }));
  }
  expect(() => parseIndexFacts({ ...indexFactsJson(facts), v: 2 })).toThrow(
    expect.objectContaining({ code: "FORMAT_VERSION_UNKNOWN" }),
  );
});
