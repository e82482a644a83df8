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
    isStrictPoint(publicKey) &&
    isStrictPoint(signature.subarray(0, pointBytes)) &&
    isBelow(signature.subarray(pointBytes), groupOrder)
  );
}

/** 32 bytes with y < p that name no point of small order (which covers x = 0 with the sign bit set). */
function isStrictPoint(point: Uint8Array): boolean {
  return isCanonicalPoint(point) && !isSmallOrderPoint(point);
}

/** 32 bytes, and y below the field prime? */
export function isCanonicalPoint(point: Uint8Array): boolean {
  return point.length === pointBytes && isBelow(withoutSign(point), fieldPrime);
}

/** Does a canonical encoding name a point whose order divides 8? */
export function isSmallOrderPoint(point: Uint8Array): boolean {
  const y = withoutSign(point);
  return smallOrderY.some((small) => small.every((byte, at) => byte === y[at]));
}

function withoutSign(point: Uint8Array): Uint8Array {
  const y = Uint8Array.from(point);
  y[pointBytes - 1] = (point[pointBytes - 1] ?? 0) & 0x7f;
  return y;
}

/** Little-endian comparison; both are 32 bytes. */
function isBelow(value: Uint8Array, bound: Uint8Array): boolean {
  for (let at = pointBytes - 1; at >= 0; at--) {
    const difference = (value[at] ?? 0) - (bound[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: pointBytes }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}
