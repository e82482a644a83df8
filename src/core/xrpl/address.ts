import { ripemd160 } from "@noble/hashes/legacy.js";

import { concatBytes } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { sha256 } from "../hash.ts";
import { fromBase58Check, toBase58Check } from "./base58.ts";

/** Bytes of an account id. */
export const accountIdSize = 20;

/** The classic address (`r…`) of a 20-byte account id. */
export function addressOf(accountId: Uint8Array): string {
  if (accountId.length !== accountIdSize) throw new RangeError(`an account id has 20 bytes, not ${accountId.length}`);
  return toBase58Check(concatBytes(Uint8Array.of(0), accountId));
}

/**
 * The 20-byte account id of a classic address.
 *
 * @throws SettlementError `XRPL_ADDRESS_MALFORMED` for anything else, also for a seed, a node key or an X-address
 */
export function parseAddress(address: unknown): Uint8Array {
  if (typeof address !== "string") throw malformed("it is not a text");
  let payload: Uint8Array;
  try {
    payload = fromBase58Check(address);
  } catch (cause) {
    throw malformed(cause instanceof SettlementError ? cause.message : "it is not base58", cause);
  }
  if (payload.length !== accountIdSize + 1 || payload[0] !== 0)
    throw malformed("it encodes something else than an account");
  return payload.slice(1);
}

export function isAddress(value: unknown): value is string {
  try {
    parseAddress(value);
    return true;
  } catch {
    return false;
  }
}

/** The account id a public key of 33 bytes controls by itself: RIPEMD-160 of its SHA-256. */
export function accountIdOfKey(publicKey: Uint8Array): Uint8Array {
  return ripemd160(sha256(publicKey));
}

function malformed(fault: string, cause?: unknown): SettlementError {
  return new SettlementError("XRPL_ADDRESS_MALFORMED", `not a classic XRP Ledger address (r…): ${fault}`, { cause });
}
