import * as fc from "fast-check";
import { deriveAddress } from "ripple-keypairs";
import { describe, expect, test } from "vitest";
import { base58btc } from "../../src/core/base58.ts";
import { concatBytes, fromHex, toBase64, toHex } from "../../src/core/bytes.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { SettlementError } from "../../src/core/error.ts";
import { didKey, parseDidKey, radicleNodeId } from "../../src/core/identity-did.ts";
import { parseSshPublicKey, sshPublicKeyLine } from "../../src/core/identity-ssh.ts";
import { identitiesOf, parsePublicKey, publicKeyForm } from "../../src/core/identity.ts";
import { parsePublicKeyPem, publicKeyPem } from "../../src/core/public-key.ts";
import { sshString } from "../../src/core/ssh-wire.ts";
import vectors from "../vectors/identities.json" with { type: "json" };

const key = publicKeyOf(fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
const line = sshPublicKeyLine(key);
const did = didKey(key);

/** Points of order 1, 2, 4 and 8. */
const smallOrder = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map(fromHex);

/** y = 2 is no point, y = p + 3 is above the field prime. */
const noPoints = ["02".padEnd(64, "0"), `f0${"f".repeat(60)}7f`].map(fromHex);

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SettlementError) return error.code;
    throw error;
  }
  return "ok";
}

function sshLine(...strings: readonly (Uint8Array | string)[]): string {
  return `ssh-ed25519 ${toBase64(concatBytes(...strings.map(sshString)))}`;
}

function multibase(...bytes: readonly Uint8Array[]): string {
  return `z${base58btc.encode(concatBytes(...bytes))}`;
}

const codec = Uint8Array.of(0xed, 1);

describe("vectors", () => {
  test.for(vectors.keys)("$comment", (vector) => {
    const publicKey = fromHex(vector.publicKey);
    if (vector.seed !== undefined) expect(toHex(publicKeyOf(fromHex(vector.seed)))).toBe(vector.publicKey);
    const { publicKey: _key, seed: _seed, comment: _comment, sshFingerprintHex, ...names } = vector;
    const identities = identitiesOf(publicKey);
    expect(identities).toMatchObject(names);
    if (sshFingerprintHex !== undefined) {
      const base64 = toBase64(fromHex(sshFingerprintHex)).replace(/=$/, "");
      expect(identities.sshFingerprint).toBe(`SHA256:${base64}`);
    }
    for (const text of [vector.didKey, vector.ssh, vector.pem]) {
      if (text !== undefined) expect(toHex(parsePublicKey(text))).toBe(vector.publicKey);
    }
  });

  test("the address of a key is the one ripple-keypairs derives", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const publicKey = publicKeyOf(seed);
        expect(identitiesOf(publicKey).xrplAddress).toBe(deriveAddress(`ED${toHex(publicKey).toUpperCase()}`));
      }),
      { numRuns: 50 },
    );
  });
});

describe("one key", () => {
  test("is read from every form it is shown in", () => {
    fc.assert(
      fc.property(seeds, fc.stringMatching(/^[!-~]([ -~]{0,98}[!-~])?$/), (seed, comment) => {
        const publicKey = publicKeyOf(seed);
        const { pem, ssh, didKey: text, radicleNodeId: nodeId } = identitiesOf(publicKey, comment);
        for (const each of [pem, ssh, text, nodeId]) expect(parsePublicKey(each)).toEqual(publicKey);
        expect(parseSshPublicKey(ssh)).toEqual({ publicKey, comment });
        expect(text).toBe(`did:key:${nodeId}`);
        expect(nodeId).toMatch(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/);
      }),
      { numRuns: 60 },
    );
  });

  test.for(["pem", "ssh", "did"] as const)("another character in its %s names another key or none", (form) => {
    const text = { pem: publicKeyPem(key), ssh: line, did }[form];
    const other = fc.constantFrom(
      ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=- \n\u00e9".split(""),
    );
    fc.assert(
      fc.property(fc.nat(text.length - 1), other, (at, char) => {
        fc.pre(text[at] !== char && !(form === "pem" && /[\r\n]/.test(char + (text[at] ?? ""))));
        const altered = text.slice(0, at) + char + text.slice(at + 1);
        let read: Uint8Array | undefined;
        try {
          read = parsePublicKey(altered);
        } catch (error) {
          expect(error).toBeInstanceOf(SettlementError);
        }
        if (read) expect(toHex(read)).not.toBe(toHex(key));
      }),
      { numRuns: 300 },
    );
  });

  test("has no small order and one encoding, in whatever form it comes", () => {
    for (const bytes of smallOrder) {
      for (const text of [publicKeyPem(bytes), sshPublicKeyLine(bytes), didKey(bytes), radicleNodeId(bytes)]) {
        expect(codeOf(() => parsePublicKey(text))).toBe("PUBLIC_KEY_SMALL_ORDER");
      }
    }
    for (const bytes of noPoints) {
      for (const text of [publicKeyPem(bytes), sshPublicKeyLine(bytes), didKey(bytes), radicleNodeId(bytes)]) {
        expect(codeOf(() => parsePublicKey(text))).toBe("PUBLIC_KEY_MALFORMED");
      }
    }
  });

  test("is never read from arbitrary text by accident", () => {
    const heads = fc.constantFrom("", "ssh-ed25519 ", "ssh-rsa ", "did:key:z", "did:key:", "z6Mk", "-----BEGIN ", "r");
    fc.assert(
      fc.property(heads, fc.string({ maxLength: 120 }), (head, tail) => {
        expect(codeOf(() => parsePublicKey(head + tail))).not.toBe("ok");
      }),
    );
  });

  test("as PEM is read as before", () => {
    const pem = publicKeyPem(key);
    for (const text of [pem, pem.trimEnd(), `${pem}\n`, pem.replaceAll("\n", "\r\n")]) {
      expect(parsePublicKey(text)).toEqual(parsePublicKeyPem(text));
    }
    const bad = pem.replace("MCow", "MC*w");
    expect(codeOf(() => parsePublicKey(bad))).toBe(codeOf(() => parsePublicKeyPem(bad)));
  });
});

describe("OpenSSH lines", () => {
  test.for([
    ["a line feed at the end", `${line}\n`],
    ["two spaces", line.replace(" ", "  ")],
    ["a tab", line.replace(" ", "\t")],
    ["a space before", ` ${line}`],
    ["a space after", `${line} `],
    ["options before", `no-pty ${line}`],
    ["a comment of two lines", `${line} a\nb`],
    ["a comment with a control character", `${line} a\u001bb`],
    ["a comment that is no ASCII", `${line} Ren\u00e9e`],
    ["a comment of 101 characters", `${line} ${"a".repeat(101)}`],
    ["a line of a kilobyte", `${line} ${"a".repeat(1000)}`],
    ["no base64", "ssh-ed25519"],
    ["padding", `${line}=`],
    ["the URL alphabet", line.replace("AAAAC3", "____C3")],
    ["a key of 31 bytes", sshLine("ssh-ed25519", key.subarray(1))],
    ["a key of 33 bytes", sshLine("ssh-ed25519", concatBytes(key, key.subarray(0, 1)))],
    ["a string more", sshLine("ssh-ed25519", key, "")],
    ["a string less", sshLine("ssh-ed25519")],
    [
      "a byte after",
      `ssh-ed25519 ${toBase64(concatBytes(sshString("ssh-ed25519"), sshString(key), Uint8Array.of(0)))}`,
    ],
    ["a length beyond the end", `ssh-ed25519 ${toBase64(fromHex("ffffffff"))}`],
    ["capitals", line.replace("ssh-ed25519", "SSH-ED25519")],
  ])("PUBLIC_KEY_MALFORMED: %s", ([, text]) => {
    expect(codeOf(() => parseSshPublicKey(text ?? ""))).toBe("PUBLIC_KEY_MALFORMED");
  });

  test.for([
    ["RSA", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"],
    ["ECDSA", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY="],
    ["a security key", "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t"],
    ["another algorithm in the base64", sshLine("ssh-ed448", key)],
  ])("PUBLIC_KEY_NOT_ED25519: %s", ([, text]) => {
    expect(codeOf(() => parsePublicKey(text ?? ""))).toBe("PUBLIC_KEY_NOT_ED25519");
  });

  test("a comment that is none is not written", () => {
    expect(() => sshPublicKeyLine(key, "a\nb")).toThrow(RangeError);
  });
});

describe("did:key", () => {
  test.for([
    ["a fragment", `${did}#${did.slice(8)}`],
    ["a line feed", `${did}\n`],
    ["a space before", ` ${did}`],
    ["capitals", did.replace("did:key", "DID:KEY")],
    ["twice the method", `did:key:${did}`],
    ["another base", `did:key:f${toHex(concatBytes(codec, key))}`],
    ["a character that is not of base58", did.replace("z6Mk", "z6M0")],
    ["a leading zero byte", `did:key:${multibase(Uint8Array.of(0), codec, key)}`],
    ["a key of 31 bytes", `did:key:${multibase(codec, key.subarray(1))}`],
    ["a key of 33 bytes", `did:key:${multibase(codec, key, Uint8Array.of(0))}`],
    ["a text of a kilobyte", `did:key:z6Mk${"1".repeat(1000)}`],
    ["nothing", "did:key:"],
  ])("refused: %s", ([, text]) => {
    expect(codeOf(() => parsePublicKey(text ?? ""))).toMatch(/^PUBLIC_KEY_(?:MALFORMED|NOT_ED25519)$/);
  });

  // W3C CCG did:key method: X25519, secp256k1 and P-256.
  test.for([
    "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
    "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
  ])("PUBLIC_KEY_NOT_ED25519: %s", (text) => {
    expect(codeOf(() => parseDidKey(text))).toBe("PUBLIC_KEY_NOT_ED25519");
  });
});

test("an XRPL address names no key, and the message says so", () => {
  const address = identitiesOf(key).xrplAddress;
  expect(publicKeyForm(address)).toBe("xrpl");
  expect(() => parsePublicKey(address)).toThrow(
    expect.objectContaining({ code: "PUBLIC_KEY_MALFORMED", message: expect.stringContaining("names none") }),
  );
});
