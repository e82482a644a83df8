import { concatBytes, fromHex } from "../../core/bytes.ts";
import { hashPrefix } from "../../core/xrpl/hash.ts";
import { type Field, type KeyPair, serialised, signatureOf, sized, uint32 } from "./signed-fields.ts";

/** What a revoked manifest has for a sequence. */
export const revokedSequence = 0xffff_ffff;

/**
 * A manifest, by which a master key names the key that signs for it, or none any more (rippled `Manifest.h`).
 *
 * @param signing - left out when the master key is revoked
 */
export function makeManifest(master: KeyPair, sequence: number, signing?: KeyPair): Uint8Array {
  const head: readonly Field[] = [
    [[0x24], uint32(signing === undefined ? revokedSequence : sequence)],
    [[0x71], sized(fromHex(master.publicKey))],
  ];
  const key: readonly Field[] = signing === undefined ? [] : [[[0x73], sized(fromHex(signing.publicKey))]];
  const signed = concatBytes(hashPrefix.manifest, serialised([...head, ...key]));
  const own: readonly Field[] = signing === undefined ? [] : [[[0x76], sized(signatureOf(signed, signing))]];
  const last: Field = [[0x70, 0x12], sized(signatureOf(signed, master))];
  return serialised([...head, ...key, ...own, last]);
}
