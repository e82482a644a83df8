import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** A SHA-256 digest or a node of a SHA-256 Merkle tree: 32 bytes. */
export type Hash = Uint8Array;

/** SHA-256, FIPS 180-4. Passed in where speed counts; {@link sha256} is the portable default. */
export type Sha256 = (bytes: Uint8Array) => Hash;

export const sha256: Sha256 = nobleSha256;
