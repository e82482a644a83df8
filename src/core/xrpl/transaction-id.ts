import { type Hash } from "../hash.ts";
import { hashPrefix, sha512Half } from "./hash.ts";

/** The id of a transaction: the hash of its signed blob. Signatures are part of it. */
export function transactionId(blob: Uint8Array): Hash {
  return sha512Half(hashPrefix.transactionId, blob);
}
