import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toBase64, toHex } from "../../src/core/bytes.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { parsePrivateKeyPem, parsePublicKeyPem, privateKeyPem, publicKeyPem } from "../../src/core/public-key.ts";

const seed = fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
const key = publicKeyOf(seed);
const publicPem = publicKeyPem(key);
const privatePem = privateKeyPem(seed);
const spki = `302a300506032b6570032100${toHex(key)}`;

const publicText = (hex: string) => pem("PUBLIC KEY", hex);
const privateText = (hex: string) => pem("PRIVATE KEY", hex);

describe("public keys", () => {
  test("RFC 8410 §10.1's example", () => {
    const text = [
      "-----BEGIN PUBLIC KEY-----",
      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
      "-----END PUBLIC KEY-----",
      "",
    ].join("\n");
    expect(toHex(parsePublicKeyPem(text))).toBe("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    expect(publicKeyPem(parsePublicKeyPem(text))).toBe(text);
  });

  test("what OpenSSL writes is read, and what is written OpenSSL reads", () => {
    for (let round = 0; round < 20; round++) {
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const text = publicKey.export({ format: "pem", type: "spki" }).toString();
      expect(publicKeyPem(parsePublicKeyPem(text))).toBe(text);
      const secret = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
      expect(privateKeyPem(parsePrivateKeyPem(secret))).toBe(secret);
      expect(publicKeyOf(parsePrivateKeyPem(secret))).toEqual(parsePublicKeyPem(text));
    }
    expect(createPublicKey(publicPem).asymmetricKeyType).toBe("ed25519");
    expect(createPublicKey(createPrivateKey(privatePem)).export({ format: "pem", type: "spki" })).toBe(publicPem);
  });

  test.for([
    { comment: "no line feed at the end", text: publicPem.trimEnd() },
    { comment: "several at the end", text: `${publicPem}\n\n` },
    { comment: "CRLF", text: publicPem.replaceAll("\n", "\r\n") },
    { comment: "CR", text: publicPem.replaceAll("\n", "\r") },
    { comment: "body in short lines", text: publicPem.replace(/(.{16})(?=[^-]*=)/g, "$1\n") },
  ])("accepted: $comment", ({ text }) => {
    expect(parsePublicKeyPem(text)).toEqual(key);
  });

  test.for([
    { comment: "empty text", text: "" },
    { comment: "text before", text: `key:\n${publicPem}` },
    { comment: "space before", text: ` ${publicPem}` },
    { comment: "byte order mark", text: `\ufeff${publicPem}` },
    { comment: "text after", text: `${publicPem}x` },
    { comment: "two keys", text: publicPem + publicPem },
    { comment: "no body", text: "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n" },
    { comment: "no end", text: publicPem.split("-----END")[0] ?? "" },
    { comment: "another label at the end", text: publicPem.replace("END PUBLIC", "END PRIVATE") },
    { comment: "a certificate's label", text: pem("CERTIFICATE", spki) },
    { comment: "a private key", text: privatePem },
    { comment: "all on one line", text: publicPem.replaceAll("\n", "") },
    { comment: "no padding", text: publicPem.replace("=", "") },
    { comment: "spare bits in the base64", text: publicPem.replace("o=\n", "p=\n") },
    { comment: "space in the body", text: publicPem.replace("MCow", "MC ow") },
    { comment: "URL alphabet", text: publicPem.replace("\nMCow", "\n_Cow") },
    { comment: "a byte after the structure", text: publicText(`${spki}00`) },
    { comment: "a byte after the key, lengths adjusted", text: publicText(`302b300506032b6570032200${toHex(key)}00`) },
    { comment: "31-byte key", text: publicText(`3029300506032b6570032000${toHex(key).slice(2)}`) },
    { comment: "unused bits in the bit string", text: publicText(spki.replace("032100", "032101")) },
    { comment: "NULL parameters", text: publicText(`302c300706032b65700500032100${toHex(key)}`) },
    { comment: "length in the long form", text: publicText(`30812a${spki.slice(4)}`) },
    { comment: "indefinite length", text: publicText(`3080${spki.slice(4)}0000`) },
    { comment: "the bare 32 bytes", text: publicText(toHex(key)) },
    { comment: "one byte", text: publicText("30") },
    { comment: "y = 2, no point of the curve", text: publicText(`302a300506032b6570032100${"02".padEnd(64, "0")}`) },
    { comment: "y = p + 3, above the field prime", text: publicText(`302a300506032b6570032100f0${"f".repeat(60)}7f`) },
  ])("PUBLIC_KEY_MALFORMED: $comment", ({ text }) => {
    expect(() => parsePublicKeyPem(text)).toThrow(expect.objectContaining({ code: "PUBLIC_KEY_MALFORMED" }));
  });

  test.for([
    { algorithm: "RSA", key: () => generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey },
    { algorithm: "EC", key: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey },
    { algorithm: "EC", key: () => generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey },
    { algorithm: "X25519", key: () => generateKeyPairSync("x25519").publicKey },
    { algorithm: "Ed448", key: () => generateKeyPairSync("ed448").publicKey },
  ])("PUBLIC_KEY_NOT_ED25519: $algorithm", ({ algorithm, key }) => {
    const text = key().export({ format: "pem", type: "spki" }).toString();
    expect(() => parsePublicKeyPem(text)).toThrow(expect.objectContaining({ code: "PUBLIC_KEY_NOT_ED25519" }));
    expect(() => parsePublicKeyPem(text)).toThrow(`algorithm ${algorithm};`);
  });

  test("PUBLIC_KEY_NOT_ED25519: an unknown object identifier, and PKCS#1", () => {
    const unknown = publicText(spki.replace("2b6570", "2b6501"));
    expect(() => parsePublicKeyPem(unknown)).toThrow("object identifier 2b6501");
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pkcs1 = publicKey.export({ format: "pem", type: "pkcs1" }).toString();
    expect(() => parsePublicKeyPem(pkcs1)).toThrow(expect.objectContaining({ code: "PUBLIC_KEY_NOT_ED25519" }));
  });

  test.for([
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  ])("PUBLIC_KEY_SMALL_ORDER: %s", (hex) => {
    expect(() => parsePublicKeyPem(publicText(`302a300506032b6570032100${hex}`))).toThrow(
      expect.objectContaining({ code: "PUBLIC_KEY_SMALL_ORDER" }),
    );
  });
});

describe("private keys", () => {
  test("RFC 8410 §10.3's example", () => {
    const text = [
      "-----BEGIN PRIVATE KEY-----",
      "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
      "-----END PRIVATE KEY-----",
    ].join("\n");
    expect(toHex(parsePrivateKeyPem(text))).toBe("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
  });

  const withPublicKey = `3051020101300506032b657004220420${toHex(seed)}812100${toHex(key)}`;
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const encrypted = createPrivateKey(privatePem).export({
    format: "pem",
    type: "pkcs8",
    cipher: "aes-256-cbc",
    passphrase: "x",
  });

  test.for([
    { comment: "a public key", text: publicPem, code: "PRIVATE_KEY_MALFORMED" },
    { comment: "an encrypted key", text: encrypted.toString(), code: "PRIVATE_KEY_MALFORMED" },
    { comment: "version 2 with the public key", text: privateText(withPublicKey), code: "PRIVATE_KEY_MALFORMED" },
    {
      comment: "no inner octet string",
      text: privateText(`302c020100300506032b65700420${toHex(seed)}`),
      code: "PRIVATE_KEY_MALFORMED",
    },
    {
      comment: "a byte after the structure",
      text: privateText(`302e020100300506032b657004220420${toHex(seed)}00`),
      code: "PRIVATE_KEY_MALFORMED",
    },
    { comment: "a broken body", text: privatePem.replace("MC4C", "MC4*"), code: "PRIVATE_KEY_MALFORMED" },
    {
      comment: "a body cut short",
      text: privatePem.replace(/.{8}\n-----END/, "\n-----END"),
      code: "PRIVATE_KEY_MALFORMED",
    },
    { comment: "an EC key", text: exported(ec, "pkcs8"), code: "PRIVATE_KEY_NOT_ED25519" },
    { comment: "an EC key in SEC 1 form", text: exported(ec, "sec1"), code: "PRIVATE_KEY_NOT_ED25519" },
    {
      comment: "an X25519 key",
      text: exported(generateKeyPairSync("x25519").privateKey, "pkcs8"),
      code: "PRIVATE_KEY_NOT_ED25519",
    },
  ])("$code without a byte of the key: $comment", ({ text, code }) => {
    const error = thrown(() => parsePrivateKeyPem(text));
    expect(error).toMatchObject({ code, kind: "invalid" });
    expect(error).not.toHaveProperty("cause");
    const { message } = error as Error;
    for (const secret of text.split(/\r?\n/).filter((line) => !line.startsWith("-----"))) {
      for (let at = 0; at + 6 <= secret.length; at++) expect(message).not.toContain(secret.slice(at, at + 6));
    }
    expect(message).not.toContain(toHex(seed).slice(0, 8));
  });
});

test("writing then reading gives the bytes back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(parsePrivateKeyPem(privateKeyPem(bytes))).toEqual(bytes);
    }),
  );
  expect(() => privateKeyPem(new Uint8Array(64))).toThrow(expect.objectContaining({ code: "PRIVATE_KEY_MALFORMED" }));
  expect(() => publicKeyPem(new Uint8Array(31))).toThrow(expect.objectContaining({ code: "PUBLIC_KEY_MALFORMED" }));
});

test("any other DER is refused by code, never by accident", () => {
  const start = fc.constantFrom(
    "",
    "30",
    "302a",
    "3081",
    "3082ffff",
    "308400000001",
    "302a3005",
    "302e020100",
    spki.slice(0, 20),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 60 }), (head, tail) => {
      for (const parse of [
        () => parsePublicKeyPem(publicText(head + toHex(tail))),
        () => parsePrivateKeyPem(privateText(head + toHex(tail))),
      ]) {
        expect(thrown(parse)).toMatchObject({ name: "SettlementError" });
      }
    }),
  );
});

function pem(label: string, derHex: string): string {
  return `-----BEGIN ${label}-----\n${toBase64(fromHex(derHex))}\n-----END ${label}-----\n`;
}

function exported(key: KeyObject, type: "pkcs8" | "sec1"): string {
  return key.export({ format: "pem", type }).toString();
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
