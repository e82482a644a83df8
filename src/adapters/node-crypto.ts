import { createHash, createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { equalBytes } from "../core/bytes.ts";
import { isStrictEncoding } from "../core/ed25519-encoding.ts";
import { type SignMessage, type VerifySignature, withStrictEncoding } from "../core/ed25519.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { parsePrivateKeyPem, privateKeyPem, publicKeyDer } from "../core/public-key.ts";

const cachedKeys = 1024;
const keys = new Map<string, KeyObject>();

/** The last key with each first byte: it is found without a name for it. */
const lastKeys: ({ readonly publicKey: Uint8Array; readonly key: KeyObject } | undefined)[] = Array.from(
  { length: 256 },
  () => undefined,
);

// Node moves each short array that it is handed out of the heap, which costs more than this copy of it does.
const [hashSigned, signatureSigned] = [Buffer.alloc(32), Buffer.alloc(64)];

/** SHA-256 by OpenSSL. */
export const nodeSha256: Sha256 = (bytes) => {
  // Node makes a string of one character a byte four times faster than a Buffer.
  const digits = hash("sha256", bytes, "binary");
  const digest = new Uint8Array(32);
  for (let at = 0; at < 32; at++) digest[at] = digits.charCodeAt(at);
  return digest;
};

/** SHA-256 by OpenSSL over bytes that come one after the other. */
export function nodeDigest(): { update(bytes: Uint8Array): void; digest(): Hash } {
  const digest = createHash("sha256");
  return { update: (bytes) => void digest.update(bytes), digest: () => new Uint8Array(digest.digest()) };
}

/** Verification by OpenSSL, about 0.1 ms a signature. */
export const nodeVerify: VerifySignature = withStrictEncoding((publicKey, message, signature) => {
  signatureSigned.set(signature);
  if (message.length !== hashSigned.length) return verify(null, message, keyObject(publicKey), signatureSigned);
  hashSigned.set(message);
  return verify(null, hashSigned, keyObject(publicKey), signatureSigned);
});

/** {@link nodeVerify} on the thread pool. The arguments must stay unchanged until it resolves. */
export function nodeVerifyAsync(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (!isStrictEncoding(publicKey, signature)) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    verify(null, message, keyObject(publicKey), signature, (error, valid) => {
      if (error) reject(error);
      else resolve(valid);
    });
  });
}

/**
 * Signs with OpenSSL.
 *
 * @param pem - PKCS#8 text of an Ed25519 private key
 * @throws SettlementError `PRIVATE_KEY_MALFORMED`, `PRIVATE_KEY_NOT_ED25519`; no message holds bytes of the key
 */
export function nodeSign(pem: string): SignMessage {
  const key = createPrivateKey(privateKeyPem(parsePrivateKeyPem(pem)));
  return (message) => new Uint8Array(sign(null, message, key));
}

/** Parsing a key costs as much as using it, and a ledger has few keys and many signatures. */
function keyObject(publicKey: Uint8Array): KeyObject {
  const first = publicKey[0] ?? 0;
  const last = lastKeys[first];
  if (last && equalBytes(last.publicKey, publicKey)) return last.key;
  const key = namedKey(publicKey);
  lastKeys[first] = { publicKey: Uint8Array.from(publicKey), key };
  return key;
}

function namedKey(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString("latin1");
  const known = keys.get(name);
  if (known) return known;
  const key = createPublicKey({ key: Buffer.from(publicKeyDer(publicKey)), format: "der", type: "spki" });
  const oldest = keys.size < cachedKeys ? undefined : keys.keys().next().value;
  if (oldest !== undefined) keys.delete(oldest);
  keys.set(name, key);
  return key;
}
