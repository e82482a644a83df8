import { toHex } from "../bytes.ts";

export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** Order of the group of secp256k1, SEC 2 §2.4.1. */
const groupOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** One INTEGER of strict DER: positive, no byte more than it needs. */
function integerAt(der: Uint8Array, at: number): { readonly value: bigint; readonly end: number } | undefined {
  const [tag, length = 0, first = 0, second = 0] = der.subarray(at);
  const end = at + 2 + length;
  const isLong = first === 0 && length > 1 && second < 0x80;
  if (tag !== 0x02 || length < 1 || length > 33 || end > der.length || first >= 0x80 || isLong) return undefined;
  return { value: BigInt(`0x${toHex(der.subarray(at + 2, end))}`), end };
}

/** The numbers of a signature over secp256k1, RFC 3279 §2.2.3, in its one DER spelling; undefined for any other bytes. */
export function parseEcdsaSignature(der: Uint8Array): EcdsaSignature | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  if (!s || s.end !== der.length) return undefined;
  const isInRange = [r.value, s.value].every((value) => value > 0n && value < groupOrder);
  return isInRange ? { r: r.value, s: s.value } : undefined;
}

/** Of the two signatures (r, s) and (r, order − s) this is the one with the lower s. */
export function isLowS({ s }: EcdsaSignature): boolean {
  return s <= groupOrder / 2n;
}
