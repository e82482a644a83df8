import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromBase64, fromHex, toBase64, uintBytes, utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { SettlementError } from "../../src/core/error.ts";
import { sshKeyBlob } from "../../src/core/identity-ssh.ts";
import { opensshPrivateKey } from "../../src/core/openssh-key.ts";
import {
  armoredSshSignature,
  parseSshSignature,
  signSsh,
  type SshNamespace,
  verifySshSignature,
} from "../../src/core/ssh-signature.ts";
import { sshString } from "../../src/core/ssh-wire.ts";
import vectors from "../vectors/ssh-signatures.json" with { type: "json" };

const seed = fromHex(vectors.seed);
const publicKey = publicKeyOf(seed);
const sign = (message: Uint8Array) => signEd25519(seed, message);
const message = utf8(vectors.message);
const armored = signSsh(message, { namespace: "git", publicKey, sign });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SettlementError) return error.code;
    throw error;
  }
  return "ok";
}

function armor(bytes: Uint8Array, width = 70): string {
  const lines = toBase64(bytes).match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

const inner = concatBytes(sshString("ssh-ed25519"), sshString(new Uint8Array(64)));

function blob(
  change: Partial<Record<"magic" | "version" | "key" | "namespace" | "reserved" | "hash" | "inner", Uint8Array>>,
) {
  return concatBytes(
    change.magic ?? utf8("SSHSIG"),
    change.version ?? uintBytes(1, 4),
    sshString(change.key ?? sshKeyBlob(publicKey)),
    sshString(change.namespace ?? utf8("git")),
    sshString(change.reserved ?? new Uint8Array()),
    sshString(change.hash ?? utf8("sha512")),
    sshString(change.inner ?? inner),
  );
}

describe("what ssh-keygen signs", () => {
  test.for(vectors.signatures)("is read, verified and made byte for byte: $comment", ({ armored, hash, namespace }) => {
    const signature = parseSshSignature(armored);
    expect(signature).toMatchObject({ hash, namespace, publicKey });
    const verified = verifySshSignature(signature, message, namespace as SshNamespace);
    expect(verified).toEqual(publicKey);
    expect(armoredSshSignature(signature)).toBe(armored);
    expect(signSsh(message, { namespace: signature.namespace, hash: signature.hash, publicKey, sign })).toBe(armored);
  });
});

test("what is signed verifies, and nothing else does", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, bytes, fc.constantFrom("sha256", "sha512"), (signed, other, hash) => {
      const signature = parseSshSignature(signSsh(signed, { namespace: "file", hash, publicKey, sign }));
      expect(verifySshSignature(signature, signed, "file")).toEqual(publicKey);
      expect(codeOf(() => verifySshSignature(signature, signed, "git"))).toBe("SSH_SIGNATURE_REFUTED");
      fc.pre(toBase64(signed) !== toBase64(other));
      expect(codeOf(() => verifySshSignature(signature, other, "file"))).toBe("SSH_SIGNATURE_REFUTED");
    }),
    { numRuns: 40 },
  );
});

test("no altered byte of the signature verifies", () => {
  const whole = fromBase64(armored.split("\n").slice(1, -2).join(""));
  for (let at = 0; at < whole.length; at++) {
    const altered = whole.slice();
    altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
    const code = codeOf(() => verifySshSignature(parseSshSignature(armor(altered)), message, "git"));
    expect(code, `byte ${at}`).not.toBe("ok");
  }
});

test("no altered character of the text verifies", () => {
  const chars = fc.constantFrom(..."ABCDwxyz0189+/=- \n\r\t\u00e9".split(""));
  fc.assert(
    fc.property(fc.nat(armored.length - 2), chars, (at, char) => {
      fc.pre(armored[at] !== char);
      const altered = armored.slice(0, at) + char + armored.slice(at + 1);
      expect(codeOf(() => verifySshSignature(parseSshSignature(altered), message, "git"))).not.toBe("ok");
    }),
    { numRuns: 300 },
  );
});

test.for([
  ["lines of 64", armor(fromBase64(armored.split("\n").slice(1, -2).join("")), 64)],
  ["lines of 76", armor(fromBase64(armored.split("\n").slice(1, -2).join("")), 76)],
  ["no line feed at the end", armored.trimEnd()],
])("accepted: %s", ([, text]) => {
  expect(parseSshSignature(text ?? "").publicKey).toEqual(publicKey);
});

test.for([
  ["empty", ""],
  ["text before", `x\n${armored}`],
  ["text after", `${armored}x`],
  ["two line feeds after", `${armored}\n`],
  ["two signatures", armored + armored],
  ["CRLF", armored.replaceAll("\n", "\r\n")],
  ["no body", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"],
  ["a PGP signature", "-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0WIQ==\n-----END PGP SIGNATURE-----\n"],
  ["lines of 80", armor(blob({}), 80)],
  ["lines of several lengths", armor(blob({})).replace("\n", "\nAAAA\n")],
  ["an empty line", armored.replace("\n", "\n\n")],
  ["a text of a kilobyte", armor(blob({ reserved: new Uint8Array(1000) }))],
  ["another magic", armor(blob({ magic: utf8("SSHSIH") }))],
  ["version 2", armor(blob({ version: uintBytes(2, 4) }))],
  ["a reserved field", armor(blob({ reserved: utf8("x") }))],
  ["another namespace", armor(blob({ namespace: utf8("email") }))],
  ["a namespace of a hundred bytes", armor(blob({ namespace: utf8(`git${" ".repeat(97)}`) }))],
  ["another hash", armor(blob({ hash: utf8("sha1") }))],
  ["a signature of 63 bytes", armor(blob({ inner: inner.subarray(0, -1) }))],
  [
    "a signature of another algorithm",
    armor(blob({ inner: concatBytes(sshString("ssh-rsa"), sshString(new Uint8Array(64))) })),
  ],
  ["a string more", armor(concatBytes(blob({}), sshString("x")))],
  ["a byte more", armor(concatBytes(blob({}), Uint8Array.of(0)))],
  ["a length beyond the end", armor(concatBytes(utf8("SSHSIG"), uintBytes(1, 4), fromHex("ffffffff")))],
])("SSH_SIGNATURE_MALFORMED: %s", ([, text]) => {
  expect(codeOf(() => parseSshSignature(text ?? ""))).toBe("SSH_SIGNATURE_MALFORMED");
});

test.for([
  ["PUBLIC_KEY_NOT_ED25519", concatBytes(sshString("ssh-rsa"), sshString("x"))],
  ["PUBLIC_KEY_SMALL_ORDER", sshKeyBlob(Uint8Array.of(1, ...new Uint8Array(31)))],
  ["PUBLIC_KEY_MALFORMED", sshKeyBlob(new Uint8Array(31))],
] as const)("%s for a key that signs nothing", ([code, key]) => {
  expect(codeOf(() => parseSshSignature(armor(blob({ key }))))).toBe(code);
});

test("a private key in OpenSSH's format has the parts of PROTOCOL.key", () => {
  for (const comment of ["", "a", "ada@example.org"]) {
    const lines = opensshPrivateKey(seed, Uint8Array.of(1, 2, 3, 4), comment).split("\n");
    const bytes = fromBase64(lines.slice(1, -2).join(""));
    const secret = bytes.subarray(15 + 4 + 4 + 4 + 4 + 4 + 4 + 4 + 51 + 4);
    expect(secret.length % 8).toBe(0);
    expect(secret.subarray(0, 8)).toEqual(Uint8Array.of(1, 2, 3, 4, 1, 2, 3, 4));
    expect([...secret.subarray(-(secret.length - 8 - 15 - 36 - 68 - 4 - comment.length))]).toEqual(
      Array.from({ length: secret.length - 8 - 15 - 36 - 68 - 4 - comment.length }, (_, at) => at + 1),
    );
  }
});
