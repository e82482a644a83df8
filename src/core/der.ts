import { toHex } from "./bytes.ts";

/** Object identifiers of RFC 3279, RFC 5480 and RFC 8410, as DER content in hex. */
const algorithms: Readonly<Record<string, string>> = {
  "2a864886f70d010101": "RSA",
  "2a864886f70d01010a": "RSA-PSS",
  "2a8648ce380401": "DSA",
  "2a8648ce3d0201": "EC",
  "2b656e": "X25519",
  "2b656f": "X448",
  "2b6570": "Ed25519",
  "2b6571": "Ed448",
};

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly rest: Uint8Array;
}

/**
 * Which algorithm an SPKI or PKCS#8 structure names, read leniently: it serves a message, never a decision to accept.
 *
 * @returns a name, "object identifier <hex>" for an unknown one, `undefined` where the bytes have no such structure
 */
export function derAlgorithm(der: Uint8Array): string | undefined {
  const whole = element(der);
  const first = whole?.tag === 0x30 ? element(whole.content) : undefined;
  // PKCS#8 puts its version, an INTEGER, before the AlgorithmIdentifier.
  const identifier = first?.tag === 0x02 ? element(first.rest) : first;
  const oid = identifier?.tag === 0x30 ? element(identifier.content) : undefined;
  if (oid?.tag !== 0x06) return undefined;
  const hex = toHex(oid.content.subarray(0, 32));
  return algorithms[hex] ?? `object identifier ${hex}`;
}

/** First tag, length and value, X.690 §8.1; lengths of at most two bytes, since keys are short. */
function element(bytes: Uint8Array): Element | undefined {
  const [tag, short, high = 0, low = 0] = bytes;
  if (tag === undefined || short === undefined) return undefined;
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  if (lengthBytes > 2) return undefined;
  const length = [short, high, high * 256 + low][lengthBytes] ?? 0;
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) return undefined;
  return { tag, content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}
