import { createHash } from "node:crypto";
import { leafHash } from "../../src/core/merkle.ts";
import { SettlementError } from "../../src/core/error.ts";
import { uintBytes } from "../../src/core/bytes.ts";

function digest(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** Entry of the published vectors: SHA-256 of the index in 8 bytes. */
export function entryAt(index: number): Uint8Array {
  return digest(uintBytes(index, 8));
}

/** Entry of our own vectors: SHA-256 of `entry <index>`. */
export function ownEntryAt(index: number): Uint8Array {
  return digest(`entry ${index}`);
}

/** Leaf hashes of the first `size` entries. */
export function leavesOf(size: number, entry = entryAt): Uint8Array[] {
  return Array.from({ length: size }, (_, index) => leafHash(entry(index)));
}

/** Root by the recursive definition of RFC 9162 §2.1.1, over leaf hashes and by OpenSSL. */
export function recursiveRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [first] = leafHashes;
  if (!first) return digest("");
  if (leafHashes.length === 1) return first;
  let left = 1;
  while (left * 2 < leafHashes.length) left *= 2;
  return digest(Uint8Array.of(1), recursiveRoot(leafHashes.slice(0, left)), recursiveRoot(leafHashes.slice(left)));
}

/** `ok`, or the code of the `SettlementError` that `act` throws; any other error passes through. */
export function verdict(act: () => unknown): string {
  try {
    act();
    return "ok";
  } catch (error) {
    if (error instanceof SettlementError) return error.code;
    throw error;
  }
}
