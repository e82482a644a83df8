import { Point } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeVerify, nodeVerifyAsync } from "../../src/adapters/node-crypto.ts";
import { quickVerify } from "../../src/adapters/sodium-verify.ts";
import { concatBytes, fromHex, toHex } from "../../src/core/bytes.ts";
import { isCurvePoint, publicKeyOf, signEd25519, verifyEd25519, withStrictEncoding } from "../../src/core/ed25519.ts";
import { isCanonicalPoint, isSmallOrderPoint } from "../../src/core/ed25519-encoding.ts";
import { hasShared, sharedJson } from "../support/shared.ts";
import vectors from "../vectors/ed25519.json" with { type: "json" };

const { n: groupOrder, p: fieldPrime } = Point.CURVE();

// The first few are verified by OpenSSL.
for (let times = 0; times < 1000; times++) quickVerify(new Uint8Array(32), new Uint8Array(32), new Uint8Array(64));

/** The verdict, which must be the same on every path. */
async function verdict(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const portable = verifyEd25519(publicKey, message, signature);
  expect(nodeVerify(publicKey, message, signature)).toBe(portable);
  expect(quickVerify(publicKey, message, signature)).toBe(portable);
  expect(await nodeVerifyAsync(publicKey, message, signature)).toBe(portable);
  return portable;
}

describe("golden vectors", () => {
  test.for(vectors.sign)("$comment", async ({ seed, publicKey, message, signature }) => {
    expect(toHex(publicKeyOf(fromHex(seed)))).toBe(publicKey);
    expect(toHex(signEd25519(fromHex(seed), fromHex(message)))).toBe(signature);
    expect(await verdict(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
  });

  test.for(vectors.verify)("$comment: $strict", async ({ publicKey, message, signature, strict }) => {
    expect(await verdict(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(strict);
  });
});

describe("encodings", () => {
  const pointOfOrder8 = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
  const smallOrder = Array.from({ length: 8 }, (_, times) => pointOfOrder8.multiplyUnsafe(BigInt(times)).toBytes());

  test("the eight points of small order are known, and no other", () => {
    expect(new Set(smallOrder.map(toHex)).size).toBe(8);
    expect(smallOrder.map(isSmallOrderPoint)).toEqual(Array.from({ length: 8 }).fill(true));
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: groupOrder - 1n }), fc.nat(7), (scalar, times) => {
        const point = Point.BASE.multiplyUnsafe(scalar).add(pointOfOrder8.multiplyUnsafe(BigInt(times)));
        expect(isSmallOrderPoint(point.toBytes())).toBe(point.isSmallOrder());
      }),
      { numRuns: 50 },
    );
  });

  test("y is canonical below the field prime, whatever the sign bit", () => {
    for (const sign of [0n, 2n ** 255n]) {
      expect(isCanonicalPoint(littleEndian(fieldPrime - 1n + sign))).toBe(true);
      for (let above = 0n; above < 19n; above++) {
        expect(isCanonicalPoint(littleEndian(fieldPrime + above + sign))).toBe(false);
      }
    }
    expect(isCanonicalPoint(new Uint8Array(31))).toBe(false);
    expect(isCanonicalPoint(new Uint8Array(33))).toBe(false);
  });

  test("about half of all encodings are of points, the ones that decode", () => {
    const points = Array.from({ length: 40 }, (_, y) => isCurvePoint(littleEndian(BigInt(y))));
    expect(points.slice(0, 10)).toEqual([true, true, false, true, true, true, true, false, false, true]);
    expect(isCurvePoint(littleEndian(fieldPrime + 3n))).toBe(false);
    expect(isCurvePoint(new Uint8Array())).toBe(false);
  });

  test("the raw verification is not asked about bad encodings", () => {
    const asked = withStrictEncoding(() => true);
    const { publicKey, signature } = honest(fromHex("07".repeat(32)), new Uint8Array());
    expect(asked(publicKey, new Uint8Array(), signature)).toBe(true);
    for (const point of smallOrder) {
      expect(asked(point, new Uint8Array(), signature)).toBe(false);
      expect(asked(publicKey, new Uint8Array(), concatBytes(point, signature.subarray(32)))).toBe(false);
    }
    const tooGreat = concatBytes(signature.subarray(0, 32), littleEndian(groupOrder));
    expect(asked(publicKey, new Uint8Array(), tooGreat)).toBe(false);
  });
});

describe("every path gives one verdict", () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const message = fc.uint8Array({ maxLength: 80 });

  test("true for honest signatures", async () => {
    await fc.assert(
      fc.asyncProperty(seed, message, async (seed, message) => {
        const { publicKey, signature } = honest(seed, message);
        expect(await verdict(publicKey, message, signature)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("false when one bit of key, message or signature flips", async () => {
    const flipped = fc.tuple(fc.constantFrom("publicKey", "message", "signature"), fc.nat());
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        flipped,
        async (seed, message, [part, bit]) => {
          const input = { message, ...honest(seed, message) };
          const bytes = input[part].slice();
          const at = bit % (8 * bytes.length);
          bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
          const changed = { ...input, [part]: bytes };
          expect(await verdict(changed.publicKey, changed.message, changed.signature)).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("false for S + nL", async () => {
    await fc.assert(
      fc.asyncProperty(seed, message, fc.bigInt({ min: 1n, max: 14n }), async (seed, message, times) => {
        const { publicKey, signature } = honest(seed, message);
        const s = fromLittleEndian(signature.subarray(32)) + times * groupOrder;
        expect(await verdict(publicKey, message, concatBytes(signature.subarray(0, 32), littleEndian(s)))).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  test("false for bytes of any length", async () => {
    const likely = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
    );
    await fc.assert(
      fc.asyncProperty(likely, message, likely, async (publicKey, message, signature) => {
        expect(await verdict(publicKey, message, signature)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("for keys and nonces of mixed order: true exactly where the small-order parts cancel", async () => {
    const torsion = Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    const scalar = fc.bigInt({ min: 1n, max: groupOrder - 1n });
    const order = fc.nat(7);
    await fc.assert(
      fc.asyncProperty(scalar, scalar, order, order, message, async (a, r, ofKey, ofNonce, message) => {
        const keyPart = torsion.multiplyUnsafe(BigInt(ofKey));
        const noncePart = torsion.multiplyUnsafe(BigInt(ofNonce));
        const publicKey = Point.BASE.multiplyUnsafe(a).add(keyPart).toBytes();
        const nonce = Point.BASE.multiplyUnsafe(r).add(noncePart).toBytes();
        const k = fromLittleEndian(sha512(concatBytes(nonce, publicKey, message))) % groupOrder;
        const signature = concatBytes(nonce, littleEndian((r + k * a) % groupOrder));
        const cancels = noncePart.add(keyPart.multiplyUnsafe(k)).is0();
        expect(await verdict(publicKey, message, signature)).toBe(cancels);
      }),
      { numRuns: 100 },
    );
  });
});

test("a seed of another length is refused", () => {
  expect(() => publicKeyOf(new Uint8Array(31))).toThrow(RangeError);
  expect(() => signEd25519(new Uint8Array(64), new Uint8Array())).toThrow(RangeError);
});

interface Case {
  readonly id: string;
  readonly pk: string;
  readonly msg: string;
  readonly sig: string;
}
type Cases<T> = { readonly cases: readonly T[] };

const verdicts = new Map(
  sharedJson<Cases<{ id: string; strict: boolean }>>("vectors/ed25519/verdicts.json")?.cases.map((c) => [
    c.id,
    c.strict,
  ]),
);
const published = ["speccheck", "wycheproof", "cctv", "own-edge"].flatMap(
  (name) => sharedJson<Cases<Case & { strict?: boolean }>>(`vectors/ed25519/${name}.json`)?.cases ?? [],
);
const golden = sharedJson<Cases<Case & { seed: string }>>("vectors/ed25519/golden.json");

describe.skipIf(!hasShared)("published vectors", () => {
  test.for(published.map((one) => ({ ...one, strict: one.strict ?? verdicts.get(one.id) })))(
    "$id: $strict",
    async ({ pk, msg, sig, strict }) => {
      expect(await verdict(fromHex(pk), fromHex(msg), fromHex(sig))).toBe(strict);
    },
  );

  test.for(golden?.cases ?? [])("golden.json $id, signed byte for byte", async ({ seed, pk, msg, sig }) => {
    expect(toHex(publicKeyOf(fromHex(seed)))).toBe(pk);
    expect(toHex(signEd25519(fromHex(seed), fromHex(msg)))).toBe(sig);
    expect(await verdict(fromHex(pk), fromHex(msg), fromHex(sig))).toBe(true);
  });
});

function honest(seed: Uint8Array, message: Uint8Array): { publicKey: Uint8Array; signature: Uint8Array } {
  return { publicKey: publicKeyOf(seed), signature: signEd25519(seed, message) };
}

function littleEndian(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, "0")).toReversed();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}
