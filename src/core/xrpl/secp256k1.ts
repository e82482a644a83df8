import { secp256k1 } from "@noble/curves/secp256k1.js";

import { concatBytes, toHex, uintBytes } from "../bytes.ts";

/** Order of the group of secp256k1, SEC 2 §2.4.1. */
const groupOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

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
  const parsed = parseSignature(signature);
  const isCompressed = publicKey.length === 33 && (publicKey[0] === 2 || publicKey[0] === 3);
  if (!parsed || !isCompressed || digest.length !== 32) return false;
  if (lowS && parsed.s > groupOrder / 2n) return false;
  const compact = concatBytes(uintBytes(parsed.r, 32), uintBytes(parsed.s, 32));
  try {
    return secp256k1.verify(compact, digest, publicKey, { prehash: false, lowS: false });
  } catch {
    return false;
  }
}

function parseSignature(der: Uint8Array): EcdsaSignature | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  if (!s || s.end !== der.length) return undefined;
  const isInRange = [r.value, s.value].every((value) => value > 0n && value < groupOrder);
  return isInRange ? { r: r.value, s: s.value } : undefined;
}

/** One INTEGER of strict DER: positive, no byte more than it needs. */
function integerAt(der: Uint8Array, at: number): { readonly value: bigint; readonly end: number } | undefined {
  const [tag, length = 0, first = 0, second = 0] = der.subarray(at);
  const end = at + 2 + length;
  if (tag !== 0x02 || length < 1 || length > 33 || end > der.length || first >= 0x80) return undefined;
  if (first === 0 && length > 1 && second < 0x80) return undefined;
  return { value: BigInt(`0x${toHex(der.subarray(at + 2, end))}`), end };
}
