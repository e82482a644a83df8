import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromUtf8, toHex, utf8 } from "../../src/core/bytes.ts";
import type { Evidence } from "../../src/core/evidence.ts";
import { sha256 } from "../../src/core/hash.ts";
import { makeManifest, type Manifest, parseManifest } from "../../src/core/manifest.ts";
import {
  anchorMemos,
  anchorMemoType,
  evidenceMemoType,
  parseAnchorMemo,
  parseEvidenceMemo,
  readAnchorMemos,
} from "../../src/core/memo.ts";
import type { JsonObject } from "../../src/core/json.ts";

const hashOf = (text: string): string => toHex(sha256(utf8(text)));
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const manifest = makeManifest({
  partitionId: "2026-03",
  network: "testnet",
  prev: hashOf("root of February"),
  range: [hashOf("first"), hashOf("last")],
  count: 412,
  root: hashOf("root"),
});
const evidence: Evidence = {
  v: 1,
  p: "2026-03",
  d: hashOf("d"),
  k: hashOf("k"),
  o: "ledger.example.org/ledger",
  s: 1000,
  l: hashOf("l"),
};

test("memo 1 is byte for byte what RepoMesh tools write and read", () => {
  const { root: r, manifestHash: h } = manifest;
  const text = `{"v":1,"p":"2026-03","n":"testnet","r":"${r}","h":"${h}","c":412,"pv":"${manifest.prev ?? ""}","rg":"${hashOf("first")}..${hashOf("last")}","algo":"sha256-merkle-v2"}`;
  const [anchor] = anchorMemos(manifest, evidence);
  expect(fromUtf8(anchor.data)).toBe(text);
  expect([anchor.type, anchor.format].map(fromUtf8)).toEqual(["repomesh-anchor-v1", "application/json"]);
});

test("memo 2 is the evidence in its own key order", () => {
  const text = `{"v":1,"p":"2026-03","d":"${evidence.d}","k":"${evidence.k}","o":"ledger.example.org/ledger","s":1000,"l":"${evidence.l}"}`;
  expect(fromUtf8(anchorMemos(manifest, evidence)[1].data)).toBe(text);
});

const anyManifest: fc.Arbitrary<Manifest> = fc
  .record({
    partitionId: fc.constantFrom("2026-03", "1999-12"),
    network: fc.constantFrom("local", "mainnet", "xrpl-4294967295"),
    prev: fc.option(fc.string().map(hashOf)),
    count: fc.nat(),
    root: fc.string().map(hashOf),
  })
  .map((rest) => makeManifest({ ...rest, range: rest.count === 0 ? null : [hashOf("a"), hashOf("b")] }));

test("what is written is read back, and the largest memos fit a transaction", () => {
  const origin = `${"h".repeat(120)}/ledger`;
  fc.assert(
    fc.property(anyManifest, (made) => {
      const memos = anchorMemos(made, { ...evidence, p: made.partitionId, o: origin, s: Number.MAX_SAFE_INTEGER });
      expect(parseAnchorMemo(memos[0].data)).toEqual(made);
      expect(parseManifest(made as unknown as JsonObject)).toEqual(made);
      expect(readAnchorMemos(memos)).toEqual({ manifest: made, evidence: parseEvidenceMemo(memos[1].data) });
    }),
  );
});

test("a month without events has count 0, no range and the root of nothing", () => {
  const quiet = makeManifest({
    partitionId: "2026-05",
    network: "local",
    prev: null,
    range: null,
    count: 0,
    root: empty,
  });
  const [anchor] = anchorMemos(quiet, evidence);
  expect(fromUtf8(anchor.data)).toContain('"c":0,"pv":"0","rg":"0"');
  expect(parseAnchorMemo(anchor.data)).toEqual(quiet);
});

test("any other byte in a memo is seen", () => {
  const [anchor] = anchorMemos(manifest, evidence);
  fc.assert(
    fc.property(fc.nat(anchor.data.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const data = anchor.data.slice();
      data[at] = (data[at] ?? 0) ^ flip;
      let read: Manifest | undefined;
      try {
        read = parseAnchorMemo(data);
      } catch (error) {
        expect(error).toMatchObject({ name: "SettlementError" });
      }
      expect(read).toBeUndefined();
    }),
  );
});

describe("refused", () => {
  const type = utf8(anchorMemoType);
  const [anchor, second] = anchorMemos(manifest, evidence);
  const altered = (from: string | RegExp, to: string): Uint8Array => utf8(fromUtf8(anchor.data).replace(from, to));
  test.each([
    ["version 2", altered('"v":1', '"v":2'), "FORMAT_VERSION_UNKNOWN"],
    ["another count", altered('"c":412', '"c":413'), "MANIFEST_HASH_MISMATCH"],
    ["a count that is a text", altered('"c":412', '"c":"412"'), "MEMO_MALFORMED"],
    ["an unknown member", altered('"v":1', '"v":1,"x":1'), "MEMO_MALFORMED"],
    ["a member twice", altered('"v":1', '"v":1,"v":1'), "JSON_DUPLICATE_KEY"],
    ["half a range", altered(/"rg":"[^"]*"/, '"rg":"abc"'), "MEMO_MALFORMED"],
    ["no JSON", utf8("hello"), "JSON_MALFORMED"],
    ["nothing", new Uint8Array(), "JSON_MALFORMED"],
    ["more than a memo can hold", new Uint8Array(2000).fill(32), "JSON_TOO_LARGE"],
  ])("%s", (_, data, code) => {
    expect(() => readAnchorMemos([{ type, data }])).toThrowError(expect.objectContaining({ code }));
  });

  test("two anchor memos in one transaction", () => {
    expect(() => readAnchorMemos([anchor, anchor])).toThrowError(expect.objectContaining({ code: "MEMO_MALFORMED" }));
  });

  test("an origin that leaves no room", () => {
    const long = { ...evidence, o: "h".repeat(500) };
    expect(() => anchorMemos(manifest, long)).toThrowError(expect.objectContaining({ code: "MEMO_TOO_LARGE" }));
  });

  test("memos of others are no business of ours", () => {
    expect(readAnchorMemos([{ type: utf8("x"), data: utf8("{") }, { data: utf8("y") }, {}])).toBeUndefined();
    expect(readAnchorMemos([{ type: utf8(evidenceMemoType), data: second.data }])).toBeUndefined();
  });
});
