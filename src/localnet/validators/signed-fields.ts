import { sign } from "ripple-keypairs";
import { concatBytes, fromHex, toHex, uintBytes, utf8 } from "../../core/bytes.ts";
import { vlPrefix } from "../../core/xrpl/vl.ts";

/** One serialised field: its header bytes and its value. */
export type Field = readonly [header: readonly number[], value: Uint8Array];

export const uint32 = (value: number): Uint8Array => uintBytes(value, 4);

/** A value with its length before it. */
export function sized(value: Uint8Array): Uint8Array {
  return concatBytes(vlPrefix(value.length), value);
}

/** Fields in the order given, which is canonical by type, then by code. */
export function serialised(fields: readonly Field[]): Uint8Array {
  return concatBytes(...fields.flatMap(([header, value]) => [Uint8Array.from(header), value]));
}

/** A key pair as ripple-keypairs has it: 33 bytes each, upper-case hex. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** secp256k1 (DER, low S) over SHA512Half, or Ed25519 over the bytes themselves, as the key is. */
export function signatureOf(bytes: Uint8Array, { privateKey }: KeyPair): Uint8Array {
  return fromHex(sign(toHex(bytes).toUpperCase(), privateKey));
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

export function jsonBytes(value: object): Uint8Array {
  return utf8(JSON.stringify(value));
}
