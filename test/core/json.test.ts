import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, utf8 } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { isJsonObject, parseJson } from "../../src/core/json.ts";
import { scanJson } from "../../src/core/json-scanner.ts";
import { sharedJson } from "../support/shared.ts";
import vectors from "../vectors/json.json" with { type: "json" };

const tokens = [
  ...Array.from('{}[],:"\\01-.eE \n\t\u0000\ufeff😀'),
  ...Array.of("true", "null", "999", "\\u", "d83d", "\\ude00", '"a"', '"b"', '"a":1', '"\\u0061":', "__proto__"),
];

interface Refused {
  readonly comment: string;
  readonly code: string;
  readonly input?: string;
  readonly inputHex?: string;
  readonly at?: string;
}

interface JcsCase {
  readonly id: string;
  readonly inputBase64: string;
  readonly canonical: string | null;
}

describe("refused documents", () => {
  test.for(vectors.refused as readonly Refused[])("$comment: $code", ({ code, input, inputHex, at }) => {
    const parse = () => parseJson(input ?? fromHex(inputHex ?? ""));
    expect(parse).toThrow(expect.objectContaining({ name: "SettlementError", code, kind: "invalid" }));
    const [line, column] = (at ?? "").split(":");
    expect(parse).toThrow(`JSON line ${line}, column ${column}: `);
  });

  test("a raw lone surrogate, in a value, in a key, and beside an escaped half", () => {
    for (const text of ['["ab\ud800"]', '{"\udc00":1}', '["\ud83d\\ude00"]']) {
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "JSON_LONE_SURROGATE" }));
    }
  });

  test("a message shows little of a long key", () => {
    const key = "k".repeat(10_000);
    expect(() => parseJson(`{"${key}":1,"${key}":2}`)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{80,160}$/) as unknown }),
    );
  });
});

describe("accepted documents", () => {
  test.for(vectors.accepted)("$comment", ({ input }) => {
    expect(parseJson(input)).toStrictEqual(JSON.parse(input));
    expect(parseJson(utf8(input))).toStrictEqual(JSON.parse(input));
    expect(scanJson(input, 64)).toStrictEqual(JSON.parse(input));
  });

  test("__proto__ is an own key and changes no prototype, on either path", () => {
    for (const text of ['{"__proto__":{"polluted":true}}', '{"__proto__":{"polluted":true},"s":"\\ud83d\\ude00"}']) {
      const value = parseJson(text) as Record<string, unknown>;
      expect(Object.keys(value)).toContain("__proto__");
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(value["polluted"]).toBeUndefined();
    }
  });

  test("the two paths give keys in the same order", () => {
    const text = '{"b":1,"10":2,"9":3,"a":4,"":5}';
    expect(Object.keys(scanJson(text, 64) as object)).toEqual(Object.keys(parseJson(text) as object));
  });
});

describe("limits", () => {
  test("maxDepth counts arrays and objects", () => {
    expect(parseJson('[{"a":[]}]', { maxDepth: 3 })).toEqual([{ a: [] }]);
    expect(() => parseJson('[{"a":[]}]', { maxDepth: 2 })).toThrow(expect.objectContaining({ code: "JSON_TOO_DEEP" }));
    expect(parseJson("1", { maxDepth: 0 })).toBe(1);
  });

  test.for([
    { input: '"é€😀"', bytes: 11 },
    { input: '"€€€€"', bytes: 14 },
    { input: '"abc"', bytes: 5 },
  ])("maxBytes counts UTF-8: $input has $bytes", ({ input, bytes }) => {
    for (const form of [input, utf8(input)]) {
      expect(parseJson(form, { maxBytes: bytes })).toBe(JSON.parse(input));
      expect(() => parseJson(form, { maxBytes: bytes - 1 })).toThrow(
        expect.objectContaining({ code: "JSON_TOO_LARGE" }),
      );
    }
  });
});

describe("properties", () => {
  test("agrees with JSON.parse on whatever JSON.stringify writes, on both paths", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 8, stringUnit: "binary" }),
        fc.constantFrom(0, 1, "\t", " \n"),
        (text, indent) => {
          const spaced = JSON.stringify(JSON.parse(text), null, indent);
          expect(parseJson(spaced)).toStrictEqual(JSON.parse(spaced));
          expect(scanJson(spaced, 64)).toStrictEqual(JSON.parse(spaced));
        },
      ),
    );
  });

  test("on any soup of tokens: refuses what JSON.parse refuses, else gives its value or a reason of I-JSON", () => {
    const token = fc.constantFrom(...tokens);
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (chosen) => {
        const text = chosen.join("");
        const ours = attempt(() => parseJson(text));
        expect(attempt(() => scanJson(text, 64))).toStrictEqual(ours);
        const native = attempt((): unknown => JSON.parse(text));
        const stricter = ["JSON_DUPLICATE_KEY", "JSON_LONE_SURROGATE", "JSON_NUMBER_OUT_OF_RANGE"];
        const expected = "code" in native ? { code: "JSON_MALFORMED" } : native;
        fc.pre(!("code" in ours && stricter.includes(ours.code)));
        expect(ours).toStrictEqual(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  test("a key repeated anywhere in an object is refused", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (keys, chosen) => {
          const repeated = keys[chosen % keys.length] ?? "";
          const members = [...keys, repeated].map((key) => `${JSON.stringify(key)}:{"k":[1]}`);
          expect(() => parseJson(`[{${members.join(",")}}]`)).toThrow(
            expect.objectContaining({ code: "JSON_DUPLICATE_KEY" }),
          );
        },
      ),
    );
  });
});

test.for([
  { value: {}, is: true },
  { value: [], is: false },
  { value: null, is: false },
  { value: "{}", is: false },
  { value: undefined, is: false },
])("isJsonObject($value) is $is", ({ value, is }) => {
  expect(isJsonObject(value)).toBe(is);
});

const published = sharedJson<{ readonly cases: readonly JcsCase[] }>("vectors/jcs/own.json");

describe.skipIf(!published)("published cases that are not refused", () => {
  test.for((published?.cases ?? []).filter(({ canonical }) => canonical !== null))("$id", ({ inputBase64 }) => {
    const bytes = Buffer.from(inputBase64, "base64");
    expect(parseJson(new Uint8Array(bytes))).toStrictEqual(JSON.parse(bytes.toString()));
  });
});

type Outcome = { readonly value: unknown } | { readonly code: string };

function attempt(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    return { code: error instanceof SettlementError ? error.code : String(error) };
  }
}

test("a key with an escape is that of its own document, whatever was parsed before", () => {
  JSON.parse('{"id":{},"\\\\":1}');
  expect(Object.keys(parseJson('{"id":{},"\\"":1}') as object)).toEqual(["id", '"']);
});
