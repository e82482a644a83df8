import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { concatBytes, fromHex, toHex } from "../../../src/core/bytes.ts";
import { addressOf, isAddress, parseAddress } from "../../../src/core/xrpl/address.ts";
import { readMetadata, readTransaction } from "../../../src/core/xrpl/anchor-transaction.ts";
import { toBase58Check } from "../../../src/core/xrpl/base58.ts";
import { fieldType, readFields } from "../../../src/core/xrpl/fields.ts";
import { decodeLedgerHeader, encodeLedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { vlPrefix } from "../../../src/core/xrpl/vl.ts";

const code = (name: string) => expect.objectContaining({ code: name });

describe("fields", () => {
  const account = `8114${"11".repeat(20)}`;
  const iou = `61${"80".padEnd(16, "0")}${"22".repeat(40)}`;
  test.for<[string, string, number]>([
    ["of every size of number", "1100032200000000340000000000000001011001", 4],
    ["an issued amount, drops and a token", `${iou}62400000000000000163${"60".padEnd(66, "0")}`, 3],
    ["hashes", `41${"00".repeat(16)}51${"00".repeat(32)}0111${"00".repeat(20)}0115${"00".repeat(24)}`, 4],
    ["a blob of 193 bytes", `7DC100${"AB".repeat(193)}`, 1],
    ["a blob of 12481 bytes", `7DF10000${"AB".repeat(12_481)}`, 1],
    ["paths", `011201${"33".repeat(20)}FF30${"44".repeat(40)}00`, 1],
    ["a list of hashes", `021340${"55".repeat(64)}`, 1],
    ["objects in an array", "F9EA7C0161E1EA7D0162E1F1", 1],
    [
      "an issue in XRP, in money and in a token",
      `0318${"00".repeat(20)}0418${"66".repeat(40)}0518${"77".repeat(20)}${"00".repeat(19)}0100000009`,
      3,
    ],
    ["a bridge", `0119${`14${"11".repeat(20)}${"00".repeat(20)}`.repeat(2)}`, 1],
    ["a number and signed integers", `91${"00".repeat(12)}A100000001B1${"00".repeat(8)}`, 3],
    ["a currency", `011A${"00".repeat(20)}`, 1],
  ])("%s", ([, hex, count]) => {
    const fields = readFields(fromHex(hex));
    expect(fields).toHaveLength(count);
    expect(toHex(concatBytes(...fields.map(({ raw }) => raw)))).toBe(hex.toLowerCase());
  });

  it("nest", () => {
    const [memos] = readFields(fromHex("F9EA7C0161E1EA7D0162E1F1"));
    expect(memos?.typeCode).toBe(fieldType.array);
    expect(memos?.inner.map(({ inner }) => inner.map(({ bytes }) => toHex(bytes)))).toEqual([["61"], ["62"]]);
  });

  test.for<[string, string]>([
    ["cut short", "2200000000240000"],
    ["with a byte after the last field", "220000000000"],
    ["out of order", "24000000012200000000"],
    ["twice the same", "22000000002200000000"],
    ["a header in a longer form", "200200000000"],
    ["an end marker alone", "E1"],
    ["an end of an array alone", "F1"],
    ["an array without its end", "F9EA7C0161E1"],
    ["an object without its end", "EA7C0161"],
    ["a number in an array", "F92200000000F1"],
    ["an account of 19 bytes", `8113${"11".repeat(19)}`],
    ["a list of 33 bytes", `021321${"00".repeat(33)}`],
    ["a length that starts with 255", "7DFF0000"],
    ["an unknown type", "C100"],
    ["an unknown path step", "01120200"],
    ["a length beyond the end", "7DFEFFFF"],
    ["eleven objects inside each other", `${"EA".repeat(11)}${"E1".repeat(11)}`],
    ["100 000 objects inside each other", "EA".repeat(100_000)],
  ])("refuse %s", ([, hex]) => {
    expect(() => readFields(fromHex(hex))).toThrow(code("XRPL_FIELDS_MALFORMED"));
  });

  it("never read anything but whole fields, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let fields: ReturnType<typeof readFields> = [];
        try {
          fields = readFields(bytes);
        } catch (error) {
          expect(error).toEqual(code("XRPL_FIELDS_MALFORMED"));
          return;
        }
        expect(concatBytes(...fields.map(({ raw }) => raw))).toEqual(bytes);
      }),
    );
  });

  it("that every transaction has must be there", () => {
    expect(() => readTransaction(fromHex("12000324000000018114".padEnd(60, "1")))).not.toThrow();
    expect(() => readTransaction(fromHex(`2400000001${account}`))).toThrow(code("XRPL_TRANSACTION_MALFORMED"));
    expect(() => readTransaction(fromHex("1200032400000001"))).toThrow(code("XRPL_TRANSACTION_MALFORMED"));
    expect(() => readTransaction(fromHex(`1200032400000001${account}F9E7E1F1`))).toThrow(
      code("XRPL_TRANSACTION_MALFORMED"),
    );
    expect(() => readMetadata(fromHex("201C00000000"))).toThrow(code("XRPL_TRANSACTION_MALFORMED"));
  });
});

describe("length prefix", () => {
  test.for<[number, string]>([
    [0, "00"],
    [192, "c0"],
    [193, "c100"],
    [12_480, "f0ff"],
    [12_481, "f10000"],
    [918_744, "fed417"],
  ])("of %i bytes is %s", ([length, hex]) => {
    expect(toHex(vlPrefix(length))).toBe(hex);
  });

  it("does not hold more", () => {
    expect(() => vlPrefix(918_745)).toThrow(RangeError);
  });
});

describe("header", () => {
  const header = decodeLedgerHeader(new Uint8Array(118).fill(7));
  test.for<[string, object]>([
    ["an index over 32 bits", { index: 2 ** 32 }],
    ["a fraction", { closeTimeRippleS: 1.5 }],
    ["a negative time", { parentCloseTimeRippleS: -1 }],
    ["a resolution over a byte", { closeResolutionS: 266 }],
    ["flags over a byte", { closeFlags: 256 }],
    ["drops over 64 bits", { totalDrops: 2n ** 64n }],
    ["negative drops", { totalDrops: -1n }],
    ["a hash of 31 bytes", { stateRoot: new Uint8Array(31) }],
  ])("refuses %s", ([, fault]) => {
    expect(() => encodeLedgerHeader({ ...header, ...fault })).toThrow(code("XRPL_HEADER_MALFORMED"));
  });

  test.for([0, 117, 119])("refuses %i bytes", (size) => {
    expect(() => decodeLedgerHeader(new Uint8Array(size))).toThrow(code("XRPL_HEADER_MALFORMED"));
  });
});

describe("address", () => {
  it("comes back from every account id, and no other text gives it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(33), (id, at) => {
        const address = addressOf(id);
        expect(parseAddress(address)).toEqual(id);
        const typo = address.slice(0, at) + (address[at] === "x" ? "y" : "x") + address.slice(at + 1);
        expect(isAddress(typo)).toBe(typo === address);
      }),
    );
  });

  const own = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
  test.for<[string, unknown]>([
    ["a number", 7],
    ["nothing", ""],
    ["a seed", "snoPBrXtMeMyMHUVTgbuqAfg1SUTb"],
    ["an X-address", "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ"],
    ["a character outside the alphabet", own.replace("b", "0")],
    ["a zero too many", `r${own}`],
    ["21 bytes of account id", toBase58Check(new Uint8Array(22))],
    ["very much", "r".repeat(1_000_000)],
  ])("is not %s", ([, text]) => {
    expect(() => parseAddress(text)).toThrow(code("XRPL_ADDRESS_MALFORMED"));
  });
});
