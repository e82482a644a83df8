import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareBytes,
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  fromUtf8,
  isHashHex,
  toBase64,
  toHex,
  uintBytes,
  utf8,
  utf8FaultAt,
} from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { sharedJson } from "../support/shared.ts";

const bytes = fc.uint8Array({ maxLength: 100 });

describe("hex", () => {
  test("agrees with Node both ways, upper case too", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const hex = Buffer.from(value).toString("hex");
        expect(toHex(value)).toBe(hex);
        expect(fromHex(hex)).toEqual(value);
        expect(fromHex(hex.toUpperCase())).toEqual(value);
      }),
    );
  });

  test.for(["0", "0g", "0x", " 00", "00\n", "é0", "@@", "``", "//", "::", "GG"])("refuses %j", (text) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: "HEX_MALFORMED" }));
  });

  test.for([
    { value: "0".repeat(64), is: true },
    { value: "0123456789abcdef".repeat(4), is: true },
    { value: "0123456789ABCDEF".repeat(4), is: false },
    { value: "0".repeat(63), is: false },
    { value: `${"0".repeat(64)}\n`, is: false },
    { value: 0, is: false },
  ])("isHashHex($value) is $is", ({ value, is }) => {
    expect(isHashHex(value)).toBe(is);
  });
});

describe("base64", () => {
  test("agrees with Node both ways", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = Buffer.from(value).toString("base64");
        expect(toBase64(value)).toBe(text);
        expect(fromBase64(text)).toEqual(value);
      }),
    );
  });

  test("takes a text only when it is what it would write", () => {
    const likely = fc.string({
      unit: fc.constantFrom("A", "Q", "g", "/", "+", "=", "-", "_", "\n", " "),
      maxLength: 9,
    });
    fc.assert(
      fc.property(likely, (text) => {
        const decoded = Buffer.from(text, "base64");
        expect(decodedOrNull(text)).toEqual(decoded.toString("base64") === text ? new Uint8Array(decoded) : null);
      }),
      { numRuns: 2_000 },
    );
  });

  test.for([
    { comment: "no padding", text: "AA" },
    { comment: "too much padding", text: "AAAA==" },
    { comment: "padding alone", text: "====" },
    { comment: "padding in the middle", text: "AA==AAAA" },
    { comment: "spare bits set", text: "AB==" },
    { comment: "spare bits set in two bytes", text: "AAB=" },
    { comment: "URL alphabet", text: "-_-_" },
    { comment: "line feed at the end", text: "AAAA\n" },
    { comment: "one character too many", text: "AAAAA" },
    { comment: "beyond ASCII", text: "AAAé" },
    { comment: "beyond the table, low byte in the alphabet", text: "AAA\u0141" },
  ])("refuses $comment", ({ text }) => {
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: "BASE64_MALFORMED" }));
  });

  const spellings = sharedJson<{ readonly cases: readonly { id: string; text: string; accept: boolean }[] }>(
    "vectors/ed25519/base64-spellings.json",
  );

  describe.skipIf(!spellings)("published spellings of one signature", () => {
    test.for(spellings?.cases ?? [])("$id: accept is $accept", ({ text, accept }) => {
      expect(decodedOrNull(text)).toEqual(accept ? new Uint8Array(Buffer.from(text, "base64")) : null);
    });
  });
});

describe("UTF-8", () => {
  test("round trip, a byte order mark included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(fromUtf8(utf8(`\ufeff${text}`))).toBe(`\ufeff${text}`);
      }),
    );
  });

  test.for([
    { comment: "byte ff", hex: "61ff62", at: 1 },
    { comment: "overlong", hex: "c0af", at: 0 },
    { comment: "surrogate", hex: "e282aceda0bd", at: 3 },
    { comment: "continuation alone", hex: "c3a980", at: 2 },
    { comment: "cut in a character", hex: "6161f09f98", at: 2 },
    { comment: "character broken off", hex: "f09f9861", at: 0 },
  ])("$comment: the fault is at $at", ({ hex, at }) => {
    const value = fromHex(hex);
    expect(utf8FaultAt(value)).toBe(at);
    expect(() => fromUtf8(value)).toThrow(expect.objectContaining({ code: "UTF8_MALFORMED" }));
    expect(() => fromUtf8(value)).toThrow(`at offset ${at}`);
  });

  test("everything before the fault is UTF-8, and no fault means all of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), bytes, (text, tail) => {
        const value = concatBytes(utf8(text), tail);
        const at = utf8FaultAt(value);
        expect(utf8(fromUtf8(value.subarray(0, at)))).toEqual(value.subarray(0, at));
        expect(at).toBeGreaterThanOrEqual(utf8(text).length);
        expect(at === value.length).toBe(isUtf8(value));
      }),
    );
  });
});

test("comparison agrees with Node, and so does concatenation", () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
      expect(equalBytes(a, a.slice())).toBe(true);
      expect(concatBytes(a, b, a)).toEqual(new Uint8Array(Buffer.concat([a, b, a])));
    }),
  );
});

test("unsigned integers are big-endian and must fit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      expect(BigInt(`0x${toHex(uintBytes(value, 8))}`)).toBe(value);
    }),
  );
  expect(uintBytes(258, 2)).toEqual(Uint8Array.of(1, 2));
  expect(() => uintBytes(256, 1)).toThrow(RangeError);
  expect(() => uintBytes(-1, 8)).toThrow(RangeError);
});

function decodedOrNull(text: string): Uint8Array | null {
  try {
    return fromBase64(text);
  } catch (error) {
    if (error instanceof SettlementError && error.code === "BASE64_MALFORMED") return null;
    throw error;
  }
}
