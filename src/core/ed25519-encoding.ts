const pointBytes = 32;
const signatureBytes = 64;

// Little-endian field prime p = 2^255 - 19 and group order L = 2^252 + 277…493, RFC 8032 §5.1.
const fieldPrime = littleEndian(2n ** 255n - 19n);
const groupOrder = littleEndian(2n ** 252n + 27742317777372353535851937790883648493n);

// The y of the eight points whose order divides the cofactor: 1 (order 1), p - 1 (2), 0 (4), and two of order 8.
// Each pair x, -x shares its y, so five values name all eight points whatever the sign bit says.
const smallOrderY = [
  1n,
  2n ** 255n - 20n,
  0n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
].map(littleEndian);

/**
 * Have key and signature the right lengths and the one spelling of what they encode, and is no point of small order?
 *
 * RFC 8032 §5.1.3 and §5.1.7 demand y < p and S < L. Libraries differ on these and on small-order points, for which
 * signatures can be made without a secret. No point arithmetic is done: the y may still belong to no point.
 */
export function isStrictEncoding(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === signatureBytes &&
    publicKey.length === pointBytes &&
    isStrictPoint(publicKey) &&
    isStrictPoint(signature) &&
    isBelow(signature, pointBytes, 0xff, groupOrder)
  );
}

/** Do the first 32 bytes have y < p and name no point of small order (which covers x = 0 with the sign bit set)? */
function isStrictPoint(point: Uint8Array): boolean {
  return isBelow(point, 0, withoutSign, fieldPrime) && !isSmallOrderPoint(point);
}

/** 32 bytes, and y below the field prime? */
export function isCanonicalPoint(point: Uint8Array): boolean {
  return point.length === pointBytes && isBelow(point, 0, withoutSign, fieldPrime);
}

/** Does a canonical encoding name a point whose order divides 8? */
export function isSmallOrderPoint(point: Uint8Array): boolean {
  return smallOrderY.some((small) => hasY(point, small));
}

function hasY(point: Uint8Array, y: Uint8Array): boolean {
  for (let at = 0; at < pointBytes - 1; at++) if (point[at] !== y[at]) return false;
  return ((point[pointBytes - 1] ?? 0) & withoutSign) === y[pointBytes - 1];
}

/** The last byte of a point but for the sign of its x. */
const withoutSign = 0x7f;

/** Little-endian comparison of the 32 bytes from `start` on, of the last of which `mask` counts. */
function isBelow(value: Uint8Array, start: number, mask: number, bound: Uint8Array): boolean {
  for (let at = pointBytes - 1; at >= 0; at--) {
    const byte = (value[start + at] ?? 0) & (at === pointBytes - 1 ? mask : 0xff);
    const difference = byte - (bound[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: pointBytes }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}
