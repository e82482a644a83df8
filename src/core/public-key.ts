import { concatBytes, equalBytes, fromBase64, fromHex, toBase64 } from "./bytes.ts";
import { derAlgorithm } from "./der.ts";
import { isCurvePoint } from "./ed25519.ts";
import { isCanonicalPoint, isSmallOrderPoint } from "./ed25519-encoding.ts";
import { type ErrorCode, SettlementError } from "./error.ts";

/** What the two kinds of key differ in. `prefix` is all of the DER but the 32 bytes of the key. */
interface KeyForm {
  readonly label: "PUBLIC KEY" | "PRIVATE KEY";
  readonly malformed: ErrorCode;
  readonly foreign: ErrorCode;
  readonly prefix: Uint8Array;
  readonly advice: string;
}

/** SubjectPublicKeyInfo, RFC 8410 §4: 44 bytes. */
const spki: KeyForm = {
  label: "PUBLIC KEY",
  malformed: "PUBLIC_KEY_MALFORMED",
  foreign: "PUBLIC_KEY_NOT_ED25519",
  prefix: fromHex("302a300506032b6570032100"),
  advice: "write it with: openssl pkey -in key.pem -pubout",
};

/** PKCS#8 version 1, RFC 8410 §7: 48 bytes. */
const pkcs8: KeyForm = {
  label: "PRIVATE KEY",
  malformed: "PRIVATE_KEY_MALFORMED",
  foreign: "PRIVATE_KEY_NOT_ED25519",
  prefix: fromHex("302e020100300506032b657004220420"),
  advice: "write it with: openssl pkey -in key.pem",
};

/**
 * Ed25519 public key, 32 bytes, of an SPKI PEM text (RFC 7468 §13, RFC 8410 §4) with nothing before, after or inside it.
 *
 * @throws SettlementError `PUBLIC_KEY_MALFORMED` (no point of the curve included), `PUBLIC_KEY_NOT_ED25519`,
 *   `PUBLIC_KEY_SMALL_ORDER`
 */
export function parsePublicKeyPem(pem: string): Uint8Array {
  return usablePublicKey(parsePem(pem, spki), spki.advice);
}

/**
 * The same 32 bytes, if they are the one spelling of a point of the curve for which nobody but its owner can sign.
 *
 * @param advice - how to write a key in the form at hand, for the message
 * @throws SettlementError `PUBLIC_KEY_MALFORMED`, `PUBLIC_KEY_SMALL_ORDER`
 */
export function usablePublicKey(key: Uint8Array, advice: string): Uint8Array {
  if (isCanonicalPoint(key) && isSmallOrderPoint(key)) {
    throw new SettlementError(
      "PUBLIC_KEY_SMALL_ORDER",
      "the public key is a point of small order: anybody can sign for it; use another key",
    );
  }
  if (!isCanonicalPoint(key) || !isCurvePoint(key)) {
    throw malformed({ ...spki, advice }, "its 32 bytes are not a point of the curve, so no signature fits it");
  }
  return key;
}

/** PEM of a 32-byte Ed25519 public key, with a line feed at the end. */
export function publicKeyPem(publicKey: Uint8Array): string {
  return writePem(publicKey, spki);
}

/** SubjectPublicKeyInfo DER, 44 bytes, of a 32-byte Ed25519 public key. */
export function publicKeyDer(publicKey: Uint8Array): Uint8Array {
  return concatBytes(spki.prefix, publicKey);
}

/**
 * Ed25519 private key (RFC 8032's seed), 32 bytes, of an unencrypted PKCS#8 PEM text.
 *
 * @throws SettlementError `PRIVATE_KEY_MALFORMED`, `PRIVATE_KEY_NOT_ED25519`; no message holds bytes of the key
 */
export function parsePrivateKeyPem(pem: string): Uint8Array {
  return parsePem(pem, pkcs8);
}

/** PEM of a 32-byte Ed25519 private key, with a line feed at the end. */
export function privateKeyPem(seed: Uint8Array): string {
  return writePem(seed, pkcs8);
}

function parsePem(pem: string, form: KeyForm): Uint8Array {
  const der = derOf(pem, form);
  const key = der.slice(form.prefix.length);
  if (key.length === 32 && equalBytes(der.subarray(0, form.prefix.length), form.prefix)) return key;
  const algorithm = derAlgorithm(der);
  if (algorithm !== undefined && algorithm !== "Ed25519") throw foreign(form, algorithm);
  throw malformed(form, `its ${der.length} bytes are not the plain DER structure of RFC 8410`);
}

function derOf(pem: string, form: KeyForm): Uint8Array {
  const lines = pem.replace(/(?:\r\n|\r|\n)+$/, "").split(/\r\n|\r|\n/);
  const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/.exec(lines[0] ?? "")?.[1];
  if (label === undefined || lines.length < 3 || lines.at(-1) !== `-----END ${label}-----`) {
    throw malformed(form, "it is not one PEM block with nothing before and after it");
  }
  if (/^(?:RSA|DSA|EC) /.test(label)) throw foreign(form, label.split(" ", 1).join());
  if (label !== form.label) throw malformed(form, `its PEM label is "${label}" and not "${form.label}"`);
  try {
    return fromBase64(lines.slice(1, -1).join(""));
  } catch {
    // The cause is left out: no error about a private key carries any of it.
    throw malformed(form, "what stands between its PEM lines is not canonical base64");
  }
}

function writePem(key: Uint8Array, form: KeyForm): string {
  if (key.length !== 32) throw malformed(form, `it has ${key.length} bytes and not 32`);
  const body = toBase64(concatBytes(form.prefix, key));
  return `-----BEGIN ${form.label}-----\n${body}\n-----END ${form.label}-----\n`;
}

function foreign(form: KeyForm, algorithm: string): SettlementError {
  const what = `${named(form)} is of the algorithm ${algorithm}; use an Ed25519 key`;
  return new SettlementError(form.foreign, `${what}: openssl genpkey -algorithm ed25519`);
}

function malformed(form: KeyForm, what: string): SettlementError {
  return new SettlementError(form.malformed, `${named(form)} is malformed: ${what}; ${form.advice}`);
}

function named(form: KeyForm): string {
  return `the ${form.label.toLowerCase()}`;
}
