import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeSha256, nodeSign, nodeVerify, nodeVerifyAsync } from "../../src/adapters/node-crypto.ts";
import { fromHex, toHex, utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519, verifyEd25519 } from "../../src/core/ed25519.ts";
import { sha256 } from "../../src/core/hash.ts";
import { privateKeyPem } from "../../src/core/public-key.ts";

describe("SHA-256", () => {
  // FIPS 180-4's examples.
  test.for([
    { text: "", digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { text: "abc", digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    {
      text: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      digest: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    },
  ])("of $text", ({ text, digest }) => {
    expect(toHex(nodeSha256(utf8(text)))).toBe(digest);
    expect(toHex(sha256(utf8(text)))).toBe(digest);
  });

  test("agrees with the portable one, on views too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, from) => {
        const view = bytes.subarray(from);
        expect(nodeSha256(view)).toStrictEqual(sha256(view));
      }),
    );
  });
});

describe("signing", () => {
  const seed = fromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

  test("gives the portable signature byte for byte, which both paths accept", () => {
    const signMessage = nodeSign(privateKeyPem(seed));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (message) => {
        const signature = signMessage(message);
        expect(signature).toStrictEqual(signEd25519(seed, message));
        expect(nodeVerify(publicKeyOf(seed), message, signature)).toBe(true);
        expect(verifyEd25519(publicKeyOf(seed), message, signature)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test("a key of another algorithm is refused", () => {
    const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" });
    expect(() => nodeSign(pem.toString())).toThrow(expect.objectContaining({ code: "PRIVATE_KEY_NOT_ED25519" }));
  });
});

test("more keys than are kept all verify, the first ones again", async () => {
  const message = utf8("message");
  const signed = Array.from({ length: 1_100 }, () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const key = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(12));
    return { key, signature: nodeSign(privateKey.export({ format: "pem", type: "pkcs8" }).toString())(message) };
  });
  for (const { key, signature } of [...signed, ...signed.slice(0, 10)]) {
    expect(nodeVerify(key, message, signature)).toBe(true);
  }
  const verdicts = await Promise.all(
    signed.map(({ signature }, at) => nodeVerifyAsync(signed[(at + (at % 2)) % 1_100]!.key, message, signature)),
  );
  expect(verdicts).toEqual(signed.map((_, at) => at % 2 === 0));
});
