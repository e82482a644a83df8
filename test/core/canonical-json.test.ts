import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { canonicalBytes, canonicalJson } from "../../src/core/canonical-json.ts";
import { SettlementError } from "../../src/core/error.ts";
import { type JsonValue, parseJson } from "../../src/core/json.ts";
import { hasShared, sharedJson, sharedText } from "../support/shared.ts";
import vectors from "../vectors/jcs.json" with { type: "json" };

describe("golden vectors", () => {
  test.for(vectors.cases)("$comment", ({ input, canonical }) => {
    expect(canonicalJson(parseJson(input))).toBe(canonical);
    expect(canonicalBytes(parseJson(utf8(input)))).toEqual(utf8(canonical));
  });

  test.for(vectors.numbers)("the double $bits is $canonical", ({ bits, canonical }) => {
    expect(canonicalJson(double(bits))).toBe(canonical);
  });

  test.for(vectors.refusedNumbers)("the double %s is refused", (bits) => {
    expect(() => canonicalJson([double(bits)])).toThrow(expect.objectContaining({ code: "JSON_NUMBER_OUT_OF_RANGE" }));
  });
});

describe("refused values", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;

  test.for([
    { what: "undefined", value: undefined, code: "JSON_VALUE_UNSUPPORTED", at: "$" },
    { what: "undefined member", value: { a: [1, undefined] }, code: "JSON_VALUE_UNSUPPORTED", at: '$["a"][1]' },
    {
      what: "hole in an array",
      value: Array.from({ length: 2 }).fill(0, 0, 1),
      code: "JSON_VALUE_UNSUPPORTED",
      at: "$[1]",
    },
    { what: "bigint", value: [1n], code: "JSON_VALUE_UNSUPPORTED", at: "$[0]" },
    { what: "function", value: { f: () => 0 }, code: "JSON_VALUE_UNSUPPORTED", at: '$["f"]' },
    { what: "symbol", value: Symbol("s"), code: "JSON_VALUE_UNSUPPORTED", at: "$" },
    { what: "date", value: { a: { d: new Date(0) } }, code: "JSON_VALUE_UNSUPPORTED", at: '$["a"]["d"]' },
    { what: "byte array", value: [new Uint8Array(2)], code: "JSON_VALUE_UNSUPPORTED", at: "$[0]" },
    { what: "map", value: new Map(), code: "JSON_VALUE_UNSUPPORTED", at: "$" },
    { what: "NaN", value: { b: 1, a: { n: Number.NaN } }, code: "JSON_NUMBER_OUT_OF_RANGE", at: '$["a"]["n"]' },
    { what: "infinity", value: [[], [-Infinity]], code: "JSON_NUMBER_OUT_OF_RANGE", at: "$[1][0]" },
    { what: "lone surrogate", value: ["\ud83d"], code: "JSON_LONE_SURROGATE", at: "$[0]" },
    { what: "lone surrogate in a key", value: { "\udc00": 1 }, code: "JSON_LONE_SURROGATE", at: '$["\\udc00"]' },
    { what: "cycle", value: cycle, code: "JSON_TOO_DEEP", at: '$["self"]["self"]' },
  ])("$what: $code at $at", ({ value, code, at }) => {
    const write = () => canonicalJson(value as JsonValue);
    expect(write).toThrow(expect.objectContaining({ name: "SettlementError", code }));
    expect(write).toThrow(`at ${at}`);
  });

  test("nesting is bounded where parsing is", () => {
    const nested = (levels: number): JsonValue => (levels === 0 ? 0 : [nested(levels - 1)]);
    expect(canonicalJson(nested(64))).toBe(`${"[".repeat(64)}0${"]".repeat(64)}`);
    expect(() => canonicalJson(nested(65))).toThrow(expect.objectContaining({ code: "JSON_TOO_DEEP" }));
    expect(canonicalJson(nested(65), 65)).toHaveLength(131);
  });
});

test("objects without a prototype are plain", () => {
  expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }) as JsonValue)).toBe('{"a":2,"b":1}');
});

describe("properties", () => {
  const json = fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }) as fc.Arbitrary<JsonValue>;

  test("parsing the canonical text gives the value back, minus zero aside", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseJson(canonicalJson(value))).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("canonical text is its own canonical text, whatever the spacing before", () => {
    fc.assert(
      fc.property(json, fc.nat(4), (value, indent) => {
        const canonical = canonicalJson(value);
        expect(canonicalJson(parseJson(canonical))).toBe(canonical);
        expect(canonicalJson(parseJson(JSON.stringify(value, null, indent)))).toBe(canonical);
      }),
    );
  });

  test("the order in which members were set does not show", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.integer()), (members) => {
        const backwards = Object.fromEntries(Object.entries(members).toReversed());
        expect(canonicalJson(backwards)).toBe(canonicalJson(members));
      }),
    );
  });

  test("every double is written as ECMAScript writes it and reads back the same", () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        expect(parseJson(canonicalJson(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

interface Published {
  readonly cases: readonly { readonly id: string; readonly inputBase64: string; readonly canonical: string | null }[];
  readonly numbers: readonly (readonly [string, string])[];
}
interface Cyberphone {
  readonly cases: readonly { readonly id: string; readonly inputBase64: string; readonly canonicalBase64: string }[];
}
const own = sharedJson<Published>("vectors/jcs/own.json");
const cyberphone = sharedJson<Cyberphone>("vectors/jcs/cyberphone.json");

describe.skipIf(!hasShared)("published vectors", () => {
  test.for(own?.cases ?? [])("own.json $id", ({ inputBase64, canonical }) => {
    expect(canonicalOrNull(base64(inputBase64))).toBe(canonical);
  });

  test.for(cyberphone?.cases ?? [])("cyberphone.json $id", ({ inputBase64, canonicalBase64 }) => {
    expect(canonicalJson(parseJson(base64(inputBase64)))).toBe(fromUtf8(base64(canonicalBase64)));
  });

  test("every number of own.json", () => {
    const numbers = own?.numbers ?? [];
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.map(([bits]) => [bits, canonicalJson(double(bits))])).toEqual(numbers);
  });

  test("every number of es6-numbers.txt", () => {
    const lines = sharedText("vectors/jcs/es6-numbers.txt").trimEnd().split("\n");
    const ours = lines.map((line) => {
      const bits = line.split(",", 1).join();
      return `${bits},${canonicalJson(double(bits.padStart(16, "0")))}`;
    });
    expect(lines.length).toBe(3_000);
    expect(ours).toEqual(lines);
  });
});

test("canonical text of a large document, by its hash", () => {
  const rows = Array.from({ length: 1_000 }, (_, n) => ({ z: n, a: `row ${n}`, "10": [n / 8], "9": null }));
  const expected = rows.map((row) => `{"10":[${row.z / 8}],"9":null,"a":"${row.a}","z":${row.z}}`).join(",");
  const digest = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");
  expect(digest(canonicalBytes(rows))).toBe(digest(`[${expected}]`));
});

/** Canonical text of a document, null for one that is refused on purpose. */
function canonicalOrNull(document: Uint8Array): string | null {
  try {
    return canonicalJson(parseJson(document));
  } catch (error) {
    if (error instanceof SettlementError && error.kind === "invalid") return null;
    throw error;
  }
}

function double(bits: string): number {
  return Buffer.from(bits, "hex").readDoubleBE();
}

function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
