import { concatBytes, uintBytes } from "../../core/bytes.ts";
import { parseAddress } from "../../core/xrpl/address.ts";
import { sha512Half } from "../../core/xrpl/hash.ts";
import { bytesOf, hexOf } from "./hex.ts";

/** Keys of ledger entries, upper-case hex: the hash of a letter for the kind, and what names the entry (rippled `Indexes.cpp`). */
function keyOf(kind: string, ...parts: readonly Uint8Array[]): string {
  return hexOf(sha512Half(uintBytes(kind.charCodeAt(0), 2), concatBytes(...parts)));
}

export const amendmentsKey = keyOf("f");
export const feeSettingsKey = keyOf("e");
/** The hashes of the last 256 ledgers. */
export const recentHashesKey = keyOf("s");

/** The hashes of every 256th ledger, one entry for 65536 ledgers. */
export function oldHashesKey(ledgerIndex: number): string {
  return keyOf("s", uintBytes(ledgerIndex >>> 16, 4));
}

export function accountKey(address: string): string {
  return keyOf("a", parseAddress(address));
}

export function ownerDirectoryKey(address: string): string {
  return keyOf("O", parseAddress(address));
}

/** Page 0 is the root itself. */
export function directoryPageKey(rootKey: string, page: number): string {
  return page === 0 ? rootKey : keyOf("d", bytesOf(rootKey), uintBytes(page, 8));
}

export function signerListKey(address: string): string {
  return keyOf("S", parseAddress(address), uintBytes(0, 4));
}

export function ticketKey(address: string, ticketSequence: number): string {
  return keyOf("T", parseAddress(address), uintBytes(ticketSequence, 4));
}
