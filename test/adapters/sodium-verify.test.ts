import { createRequire } from "node:module";
import { describe, expect, test, vi } from "vitest";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { strictOr } from "../../src/adapters/sodium-verify.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519, type VerifySignature } from "../../src/core/ed25519.ts";

type Sodium = Exclude<Parameters<typeof strictOr>[1], undefined>;

function installed(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)("sodium-native") as Sodium;
  } catch (error) {
    // Where there is no binary for this system there is nothing to test, but not where it is built for.
    if (process.env["CI"] !== undefined) throw error;
    return undefined;
  }
}

const sodium = installed();
const seed = fromHex("07".repeat(32));
const message = fromHex("2a".repeat(32));
const good = [publicKeyOf(seed), message, signEd25519(seed, message)] as const;
const bad = [publicKeyOf(seed), message, signEd25519(seed, seed)] as const;

describe.skipIf(!sodium)("with libsodium", () => {
  test("a good signature is not verified a second time, a bad one is", () => {
    const lastWord = vi.fn<VerifySignature>(nodeVerify);
    const verify = strictOr(lastWord, sodium);
    expect([verify(...good), lastWord.mock.calls]).toEqual([true, []]);
    expect([verify(...bad), lastWord.mock.calls]).toEqual([false, [bad]]);
  });

  test("messages of any length are verified", () => {
    const verify = strictOr(() => false, sodium);
    for (const length of [0, 1, 31, 32, 33, 64, 100_000]) {
      const long = new Uint8Array(length).fill(7);
      const signature = signEd25519(seed, long);
      expect(verify(good[0], long, signature)).toBe(true);
      expect(verify(good[0], long, signature.with(40, (signature[40] ?? 0) ^ 1))).toBe(false);
    }
  });
});

test("a library that takes what only the cofactor makes good is not used", () => {
  const loose = { crypto_sign_verify_detached: vi.fn<Sodium["crypto_sign_verify_detached"]>(() => true) };
  const verify = strictOr(nodeVerify, loose);
  const asked = loose.crypto_sign_verify_detached.mock.calls.length;
  expect([verify(...good), verify(...bad)]).toEqual([true, false]);
  expect(loose.crypto_sign_verify_detached.mock.calls.length).toBe(asked);
  const broken = {
    crypto_sign_verify_detached: (): boolean => {
      throw new TypeError("this is another module");
    },
  };
  for (const none of [undefined, broken]) expect(strictOr(nodeVerify, none)).toBe(nodeVerify);
});

test("what tells a loose library apart holds with the cofactor, and without it does not", async () => {
  const { ed25519 } = await import("@noble/curves/ed25519.js");
  const asked: (readonly [Uint8Array, Uint8Array, Uint8Array])[] = [];
  strictOr(nodeVerify, {
    crypto_sign_verify_detached(signature, message, key) {
      asked.push([signature, message, key]);
      return false;
    },
  });
  expect(asked.length).toBe(2);
  for (const signed of asked) {
    expect(ed25519.verify(...signed)).toBe(true);
    expect(nodeVerify(signed[2], signed[1], signed[0])).toBe(false);
  }
});
