import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sign as signAsWallet } from "ripple-keypairs";
import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { concatBytes, fromHex, toHex, uintBytes, utf8 } from "../../../src/core/bytes.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { fromBase58Check } from "../../../src/core/xrpl/base58.ts";
import { hashPrefix, sha512Half } from "../../../src/core/xrpl/hash.ts";
import { keyTypeOf, verifyKeySignature } from "../../../src/core/xrpl/key-signature.ts";
import { verifySecp256k1 } from "../../../src/core/xrpl/secp256k1.ts";
import { isSignedValidation, nodeKeyText, parseValidation } from "../../../src/core/xrpl/validation.ts";
import { isSignedManifest, parseXrplManifest } from "../../../src/core/xrpl/xrpl-manifest.ts";
import {
  derOf,
  edKey,
  fieldBytes,
  madeLedger,
  manifestBytes,
  secpKey,
  validationBytes,
  type ValidationParts,
} from "./made-network.ts";

const code = (name: string) => expect.objectContaining({ code: name });
const groupOrder = secp256k1.Point.Fn.ORDER;
const secret = sha256(utf8("a secret of the test"));
const publicKey = secp256k1.getPublicKey(secret);
const digest = sha256(utf8("what is signed"));
const compact = secp256k1.sign(digest, secret, { prehash: false });
const der = derOf(compact);
const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
const [r, s] = [number(compact.subarray(0, 32)), number(compact.subarray(32))];
const highS = derOf(concatBytes(uintBytes256(r), uintBytes256(groupOrder - s)));

function uintBytes256(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0"));
}

describe("ECDSA over secp256k1", () => {
  it("takes what wallets of the network sign", () => {
    const message = utf8("a message");
    const signature = signAsWallet(toHex(message), toHex(secret).padStart(66, "0"));
    expect(verifyKeySignature(publicKey, { message, signature: fromHex(signature) }, nodeVerify)).toBe(true);
  });

  it("takes the higher s only where the lower one is not promised", () => {
    expect(verifySecp256k1(publicKey, digest, der, { lowS: true })).toBe(true);
    expect(verifySecp256k1(publicKey, digest, highS, { lowS: false })).toBe(true);
    expect(verifySecp256k1(publicKey, digest, highS, { lowS: true })).toBe(false);
  });

  it("takes the lower s alone of publishers and in manifests", () => {
    const message = utf8("a message");
    const lower = secp256k1.sign(sha512Half(message), secret, { prehash: false });
    const higher = concatBytes(lower.subarray(0, 32), uintBytes256(groupOrder - number(lower.subarray(32))));
    const isTaken = (signature: Uint8Array) => verifyKeySignature(publicKey, { message, signature }, nodeVerify);
    expect([lower, higher].map((signature) => isTaken(derOf(signature)))).toEqual([true, false]);
  });

  const spelt = (numbers: readonly string[]): Uint8Array => {
    const body = numbers.map((digits) => `02${(digits.length / 2).toString(16).padStart(2, "0")}${digits}`).join("");
    return fromHex(`30${(body.length / 2).toString(16).padStart(2, "0")}${body}`);
  };
  const plain = [r, s].map((value) => {
    const digits = value
      .toString(16)
      .padStart(64, "0")
      .replace(/^(00)+/, "");
    return digits >= "8" ? `00${digits}` : digits;
  });
  const [rText = "", sText = ""] = plain;
  const order = `00${groupOrder.toString(16)}`;

  it("has one spelling", () => expect(toHex(spelt(plain))).toBe(toHex(der)));

  it("has no negative numbers, though their bits are the right ones", () => {
    const signed = Array.from({ length: 64 }, (_, at) => {
      const message = sha256(Uint8Array.of(at));
      return { message, signature: derOf(secp256k1.sign(message, secret, { prehash: false })) };
    });
    const long = signed.filter(({ signature }) => signature[3] === 33);
    expect(long.length).toBeGreaterThan(0);
    for (const { message, signature } of long) {
      const length = (signature[1] ?? 0) - 1;
      const negative = concatBytes(Uint8Array.of(0x30, length, 2, 32), signature.subarray(5));
      expect(verifySecp256k1(publicKey, message, signature, { lowS: true })).toBe(true);
      expect(verifySecp256k1(publicKey, message, negative, { lowS: true })).toBe(false);
    }
  });

  test.for<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["the numbers without DER", compact],
    ["a byte too many", concatBytes(der, Uint8Array.of(0))],
    ["a byte too few", der.subarray(0, -1)],
    ["another tag", der.with(0, 0x31)],
    ["another tag of r", der.with(2, 0x03)],
    ["a length in two bytes", concatBytes(Uint8Array.of(0x30, 0x81), der.subarray(1))],
    ["r with a zero too many", spelt([`00${rText.padStart(66, "0")}`, sText])],
    ["s with a zero too many", spelt([rText, `00${sText}`])],
    ["a negative r", spelt([`ff${rText.slice(2)}`, sText])],
    ["r = 0", spelt(["00", sText])],
    ["s = 0", spelt([rText, "00"])],
    ["no s", spelt([rText])],
    ["an empty r", spelt(["", sText])],
    ["a third number", spelt([rText, sText, "01"])],
    ["r = n", spelt([order, sText])],
    ["s = n", spelt([rText, order])],
    ["s + n", spelt([rText, `01${(s + groupOrder).toString(16).padStart(66, "0").slice(2)}`])],
  ])("refuses %s", ([, signature]) => {
    expect(verifySecp256k1(publicKey, digest, signature, { lowS: false })).toBe(false);
  });

  test.for<[string, Uint8Array]>([
    ["an Ed25519 key", edKey("x").publicKey],
    ["an uncompressed key", secp256k1.getPublicKey(secret, false)],
    ["a key that is no point", concatBytes(Uint8Array.of(2), new Uint8Array(32).fill(0xff))],
    ["an empty key", new Uint8Array()],
    ["another's key", secpKey("another").publicKey],
  ])("refuses %s", ([, key]) => {
    expect(verifySecp256k1(key, digest, der, { lowS: false })).toBe(false);
  });

  it("refuses digests of other sizes", () => {
    expect(verifySecp256k1(publicKey, concatBytes(digest, digest), der, { lowS: false })).toBe(false);
  });
});

describe("keys", () => {
  it("are told by their first byte", () => {
    expect([edKey("a"), secpKey("a")].map((key) => keyTypeOf(key.publicKey))).toEqual(["ed25519", "secp256k1"]);
    for (const other of ["00".repeat(33), "04".repeat(33), `ED${"00".repeat(31)}`, ""]) {
      expect(keyTypeOf(fromHex(other))).toBeUndefined();
      expect(verifyKeySignature(fromHex(other), { message: digest, signature: der }, () => true)).toBe(false);
    }
  });

  it("of validators are spelt n…", () => {
    const key = secpKey("a validator").publicKey;
    expect(nodeKeyText(key)).toMatch(/^n[1-9A-HJ-NP-Za-km-z]{51}$/);
    expect(toHex(fromBase58Check(nodeKeyText(key)))).toBe(`1c${toHex(key)}`);
  });
});

describe("manifests", () => {
  const [master, signing] = [edKey("master"), secpKey("signing")];
  const good = manifestBytes({ master, signing, sequence: 3, domain: "validator.example" });
  const isSigned = (bytes: Uint8Array): boolean => isSignedManifest(parseXrplManifest(bytes), nodeVerify);

  it("are signed by both keys, of either scheme, whatever fields they have", () => {
    expect(parseXrplManifest(good)).toMatchObject({ sequence: 3, masterKey: master.publicKey });
    expect(isSigned(good)).toBe(true);
    expect(isSigned(manifestBytes({ master: secpKey("m"), signing: edKey("s") }))).toBe(true);
    expect(isSigned(manifestBytes({ master, signing, version: 0 }))).toBe(true);
  });

  it("of a revoked key are signed by that key", () => {
    const revoked = parseXrplManifest(manifestBytes({ master, sequence: 0xffff_ffff }));
    expect(revoked.signingKey).toBeUndefined();
    expect(isSignedManifest(revoked, nodeVerify)).toBe(true);
  });

  it("with any byte changed are no manifest or not signed", () => {
    for (let at = 0; at < good.length; at++) {
      const altered = good.with(at, good[at]! ^ (1 << (at % 8)));
      let holds: boolean;
      try {
        holds = isSigned(altered);
      } catch {
        holds = false;
      }
      expect([at, holds]).toEqual([at, false]);
    }
  });

  const field = (parts: Parameters<typeof fieldBytes>[0]): Uint8Array => fieldBytes(parts);
  const masterSignature = new Uint8Array(64);
  const base = { sequence: uintBytes(1, 4), masterKey: master.publicKey, masterSignature };
  test.for<[string, Uint8Array]>([
    ["no sequence", field({ masterKey: master.publicKey, masterSignature })],
    ["no master key", field({ sequence: uintBytes(1, 4), masterSignature })],
    ["a master key of another kind", field({ ...base, masterKey: new Uint8Array(33) })],
    ["no master signature", field({ sequence: uintBytes(1, 4), masterKey: master.publicKey })],
    ["no signing key", field({ ...base, signature: masterSignature })],
    ["no signature of the signing key", field({ ...base, signingKey: signing.publicKey })],
    ["one key for both", manifestBytes({ master, signing: master })],
    ["a revocation with a signing key", manifestBytes({ master, signing, sequence: 0xffff_ffff })],
    ["another version", manifestBytes({ master, signing, version: 1 })],
  ])("are refused with %s", ([, bytes]) => {
    expect(() => parseXrplManifest(bytes)).toThrow(code("XRPL_MANIFEST_MALFORMED"));
  });

  it("are refused when they are no fields", () => {
    expect(() => parseXrplManifest(utf8("manifest"))).toThrow(code("XRPL_FIELDS_MALFORMED"));
  });
});

describe("validations", () => {
  const { decoded: header } = madeLedger([]);
  const signing = secpKey("signing");
  const made = (parts: Partial<ValidationParts> = {}) => validationBytes({ signing, header, ...parts });

  it("keep fields that nobody knows among what is signed", () => {
    const validation = parseValidation(made());
    expect(validation).toMatchObject({ ledgerIndex: header.index, isFull: true, isFullyCanonical: true });
    expect(isSignedValidation(validation)).toBe(true);
  });

  it("are partial by their flag", () => {
    expect(parseValidation(made({ flags: 0x8000_0000 })).isFull).toBe(false);
  });

  it("may have the higher s unless they promise the lower", () => {
    const high = (flags: number) => {
      const bytes = made({ flags });
      const { signature, digest: signed } = parseValidation(bytes);
      expect(verifySecp256k1(signing.publicKey, signed, signature, { lowS: true })).toBe(true);
      const at = signature[3]! + 6;
      const lower = number(signature.subarray(at));
      const sHigh = uintBytes256(groupOrder - lower);
      const body = concatBytes(signature.subarray(2, at - 2), Uint8Array.of(2, 33, 0), sHigh);
      const fields = bytes.subarray(0, bytes.length - signature.length - 2);
      const other = concatBytes(Uint8Array.of(0x30, body.length), body);
      return parseValidation(concatBytes(fields, Uint8Array.of(0x76, other.length), other));
    };
    expect(isSignedValidation(high(0x0000_0001))).toBe(true);
    expect(isSignedValidation(high(0x8000_0001))).toBe(false);
  });

  it("by Ed25519 keys are refused, though the signature is good", () => {
    expect(() => parseValidation(made({ signing: edKey("signing") }))).toThrow(code("XRPL_VALIDATION_MALFORMED"));
  });

  const all = {
    flags: uintBytes(1, 4),
    ledgerSequence: uintBytes(1, 4),
    signingTime: uintBytes(1, 4),
    ledgerHash: digest,
    signingKey: signing.publicKey,
    signature: der,
  };
  test.for(Object.keys(all) as (keyof typeof all)[])("need %s", (name) => {
    const { [name]: _left, ...rest } = all;
    expect(() => parseValidation(fieldBytes(all))).not.toThrow();
    expect(() => parseValidation(fieldBytes(rest))).toThrow(code("XRPL_VALIDATION_MALFORMED"));
  });

  it("stand in canonical order, each field once", () => {
    const bytes = made();
    const [first, rest] = [bytes.subarray(0, 5), bytes.subarray(5)];
    expect(() => parseValidation(concatBytes(rest, first))).toThrow(code("XRPL_FIELDS_MALFORMED"));
    expect(() => parseValidation(concatBytes(first, first, rest))).toThrow(code("XRPL_FIELDS_MALFORMED"));
    expect(() => parseValidation(new Uint8Array(16_385))).toThrow(code("XRPL_VALIDATION_MALFORMED"));
  });

  it("sign with a prefix of their own", () => {
    const { signature, signingKey } = parseValidation(made());
    const fields = made().subarray(0, made().length - signature.length - 2);
    const withPrefix = (prefix: Uint8Array) =>
      verifySecp256k1(signingKey, sha512Half(prefix, fields), signature, { lowS: true });
    expect([hashPrefix.validation, hashPrefix.manifest].map(withPrefix)).toEqual([true, false]);
  });
});
