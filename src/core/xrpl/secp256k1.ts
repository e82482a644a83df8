import { secp256k1 } from "@noble/curves/secp256k1.js";

import { concatBytes, uintBytes } from "../bytes.ts";
import { isLowS, parseEcdsaSignature } from "./ecdsa-signature.ts";

/**
 * Is this an ECDSA signature over secp256k1 of a digest of 32 bytes? Never throws; bytes of any length may come in.
 *
 * @param publicKey - 33 bytes, compressed
 * @param signature - DER in its one spelling, RFC 3279 §2.2.3 with 0 < r, s < n
 * @param lowS - refuse the greater of the two values that s can have, as rippled does wherever the signer promises it
 */
export function verifySecp256k1(
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
  { lowS }: { readonly lowS: boolean },
): boolean {
  const parsed = parseEcdsaSignature(signature);
  const isCompressed = publicKey.length === 33 && (publicKey[0] === 2 || publicKey[0] === 3);
  if (!parsed || !isCompressed || digest.length !== 32) return false;
  if (lowS && !isLowS(parsed)) return false;
  const compact = concatBytes(uintBytes(parsed.r, 32), uintBytes(parsed.s, 32));
  try {
    return secp256k1.verify(compact, digest, publicKey, { prehash: false, lowS: false });
  } catch {
    return false;
  }
}
