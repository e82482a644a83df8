import { sha512 } from "@noble/hashes/sha2.js";

import { type Hash } from "../hash.ts";

/** What is hashed, in four bytes before it (rippled `HashPrefix.h`). */
export const hashPrefix = {
  transactionId: Uint8Array.of(0x54, 0x58, 0x4e, 0x00), // TXN
  transactionLeaf: Uint8Array.of(0x53, 0x4e, 0x44, 0x00), // SND
  stateLeaf: Uint8Array.of(0x4d, 0x4c, 0x4e, 0x00), // MLN
  innerNode: Uint8Array.of(0x4d, 0x49, 0x4e, 0x00), // MIN
  ledgerHeader: Uint8Array.of(0x4c, 0x57, 0x52, 0x00), // LWR
  singleSigning: Uint8Array.of(0x53, 0x54, 0x58, 0x00), // STX
  multiSigning: Uint8Array.of(0x53, 0x4d, 0x54, 0x00), // SMT
  validation: Uint8Array.of(0x56, 0x41, 0x4c, 0x00), // VAL
  manifest: Uint8Array.of(0x4d, 0x41, 0x4e, 0x00), // MAN
} as const;

/** 32 zero bytes: the root of an empty tree, an empty branch, the parent of the first ledger. */
export const zeroHash: Hash = new Uint8Array(32);

/** The first 32 bytes of SHA-512 (FIPS 180-4) over the joined parts. */
export function sha512Half(...parts: readonly Uint8Array[]): Hash {
  const hasher = sha512.create();
  for (const part of parts) hasher.update(part);
  return hasher.digest().slice(0, 32);
}
