import type { VerifySignature } from "../ed25519.ts";
import { concatBytes } from "../bytes.ts";
import type { SerialField } from "./fields.ts";
import { sha512Half } from "./hash.ts";
import { verifySecp256k1 } from "./secp256k1.ts";

/** Schemes of the XRP Ledger's 33-byte public keys. */
type KeyType = "ed25519" | "secp256k1";

export function keyTypeOf(publicKey: Uint8Array): KeyType | undefined {
  if (publicKey.length !== 33) return undefined;
  if (publicKey[0] === 0xed) return "ed25519";
  return publicKey[0] === 2 || publicKey[0] === 3 ? "secp256k1" : undefined;
}

/** What a key of a publisher or a validator signed. */
export interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Is this a signature by a key of the XRP Ledger? Ed25519 keys sign the message, secp256k1 keys its SHA-512Half, with
 * the lower value of s. Never throws.
 *
 * @param publicKey - 33 bytes: `ED` and an Ed25519 key, or a compressed point of secp256k1
 */
export function verifyKeySignature(
  publicKey: Uint8Array,
  { message, signature }: Signed,
  verify: VerifySignature,
): boolean {
  switch (keyTypeOf(publicKey)) {
    case "ed25519":
      return verify(publicKey.subarray(1), message, signature);
    case "secp256k1":
      return verifySecp256k1(publicKey, sha512Half(message), signature, { lowS: true });
    case undefined:
      return false;
  }
}

/** What signatures inside an object sign: a prefix and the fields as they stand, without those of `signatures`. */
export function signedBytes(
  prefix: Uint8Array,
  fields: readonly SerialField[],
  signatures: readonly (readonly [typeCode: number, fieldCode: number])[],
): Uint8Array {
  const isSignature = (field: SerialField): boolean =>
    signatures.some(([typeCode, fieldCode]) => field.typeCode === typeCode && field.fieldCode === fieldCode);
  return concatBytes(prefix, ...fields.filter((field) => !isSignature(field)).map(({ raw }) => raw));
}
