import { getPublicKey, hashes, Point, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes, toHex } from "./bytes.ts";
import { isStrictEncoding } from "./ed25519-encoding.ts";

/**
 * Is this an Ed25519 signature of `message`? Never throws; bytes of any length may come in.
 *
 * Every implementation gives the strict verdict: RFC 8032 without the cofactor, canonical encodings of key, R and S,
 * no small-order key or R. So the verdict does not depend on the library or the runtime.
 */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** Ed25519 signature, 64 bytes, of a message by a key that the signer holds. */
export type SignMessage = (message: Uint8Array) => Uint8Array;

hashes.sha512 = sha512;

/**
 * Makes a library's verification strict.
 *
 * @param raw - compares [S]B - [k]A with R byte by byte; called only with well-encoded input
 */
export function withStrictEncoding(raw: VerifySignature): VerifySignature {
  return (publicKey, message, signature) =>
    isStrictEncoding(publicKey, signature) && raw(publicKey, message, signature);
}

/** The portable path, about 1 ms a signature. */
export const verifyEd25519: VerifySignature = withStrictEncoding((publicKey, message, signature) => {
  const keyPoint = decodePoint(publicKey);
  if (!keyPoint) return false;
  const encodedR = signature.subarray(0, 32);
  const s = fromLittleEndian(signature.subarray(32));
  // k is reduced before the multiplication: for a key with a small-order part the verdict hangs on it.
  const k = fromLittleEndian(sha512(concatBytes(encodedR, publicKey, message))) % Point.CURVE().n;
  const expectedR = Point.BASE.multiplyUnsafe(s).subtract(keyPoint.multiplyUnsafe(k));
  return equalBytes(expectedR.toBytes(), encodedR);
});

// A ledger names the same few keys in every month.
const keptAnswers = 1024;
const answers = new Map<string, boolean>();

/** Is there a point of the curve with this encoding, RFC 8032 §5.1.3? */
export function isCurvePoint(encoded: Uint8Array): boolean {
  const name = toHex(encoded);
  const known = answers.get(name);
  if (known !== undefined) return known;
  if (answers.size >= keptAnswers) answers.clear();
  const answer = decodePoint(encoded) !== undefined;
  answers.set(name, answer);
  return answer;
}

/**
 * Signature of 64 bytes, RFC 8032 §5.1.6.
 *
 * @param seed - the private key, 32 bytes
 */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(message, seed);
}

/** Public key of 32 bytes for a private key of 32 bytes, RFC 8032 §5.1.5. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed);
}

function decodePoint(encoded: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(encoded);
  } catch {
    return undefined;
  }
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
