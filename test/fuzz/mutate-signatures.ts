import { concatBytes, toHex, uintBytes } from "../../src/core/bytes.ts";
import { derOf } from "../core/xrpl/made-network.ts";
import type { Chance } from "../simulator/chance.ts";

const groupOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

interface Parts {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

/** The two integers of an ECDSA signature in DER, as they are written; undefined for other bytes. */
function partsOf(der: Uint8Array): Parts | undefined {
  const rLength = der[3] ?? 0;
  const sAt = 4 + rLength;
  const isDer = der[0] === 0x30 && der[1] === der.length - 2 && der[2] === 2 && der[sAt] === 2;
  if (!isDer || sAt + 2 + (der[sAt + 1] ?? 0) !== der.length) return undefined;
  return { r: der.subarray(4, sAt), s: der.subarray(sAt + 2) };
}

function written({ r, s }: Parts, ...behind: readonly number[]): Uint8Array {
  const body = concatBytes(Uint8Array.of(2, r.length), r, Uint8Array.of(2, s.length), s, Uint8Array.from(behind));
  return concatBytes(Uint8Array.of(0x30, body.length), body);
}

const value = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes) || "0"}`);

/** The same signature in another spelling, or with the other value that s can have; undefined for bytes that are none. */
export function otherSignature(der: Uint8Array, chance: Chance): readonly [how: string, bytes: Uint8Array] | undefined {
  const parts = partsOf(der);
  if (!parts || value(parts.s) >= groupOrder || value(parts.r) >= groupOrder) return undefined;
  const { r, s } = parts;
  switch (chance.below(5)) {
    case 0:
      return ["the other s", derOf(concatBytes(uintBytes(value(r), 32), uintBytes(groupOrder - value(s), 32)))];
    case 1:
      return ["a byte behind s", written(parts, 0)];
    case 2:
      return ["a zero before r", written({ r: concatBytes(Uint8Array.of(0), r), s })];
    case 3:
      return ["r for s", written({ r: s, s: r })];
    default:
      return ["s is nothing", written({ r, s: Uint8Array.of(0) })];
  }
}
