import { accountIdOfKey, addressOf } from "../../core/xrpl/address.ts";
import { bytesOf } from "./hex.ts";

/** The kind of a public key in hex; undefined for anything that is none. */
export function keyType(publicKey: string): "ed25519" | "secp256k1" | undefined {
  if (publicKey.length !== 66) return undefined;
  const start = publicKey.slice(0, 2).toUpperCase();
  if (start === "ED") return "ed25519";
  return start === "02" || start === "03" ? "secp256k1" : undefined;
}

/** The classic address a public key in hex controls by itself. */
export function addressOfKey(publicKey: string): string {
  return addressOf(accountIdOfKey(bytesOf(publicKey)));
}
