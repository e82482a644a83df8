import { createPublicKey, verify } from "node:crypto";

/** Key, manifest, blob and signature of a validator list. */
export type ListTexts = readonly [key: unknown, manifest: unknown, blob: unknown, signature: unknown];

const ed25519Spki = "302a300506032b6570032100";

/**
 * Has the key that a manifest names for signing signed this list? By means of its own: the field SigningPubKey (0x73) of 33
 * bytes is looked for, and OpenSSL asked. Only lists that are signed with Ed25519 are.
 */
export function isSignedList([, manifest, blob, signature]: ListTexts): boolean {
  if (typeof manifest !== "string" || typeof blob !== "string" || typeof signature !== "string") return false;
  const signingKey = /^(?:..)*?7321ed([0-9a-f]{64})/.exec(Buffer.from(manifest, "base64").toString("hex"))?.[1];
  if (signingKey === undefined || !/^[0-9A-F]{128}$/.test(signature)) return false;
  const key = createPublicKey({ key: Buffer.from(ed25519Spki + signingKey, "hex"), format: "der", type: "spki" });
  return verify(null, Buffer.from(blob, "base64"), key, Buffer.from(signature, "hex"));
}
