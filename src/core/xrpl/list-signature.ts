import { equalBytes, toHex } from "../bytes.ts";
import type { VerifySignature } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import { verifyKeySignature } from "./key-signature.ts";
import type { SignedBlob, ValidatorList } from "./validator-list.ts";
import { isSignedManifest, parseXrplManifest } from "./xrpl-manifest.ts";

/**
 * The key by which a publisher signs its lists, according to a manifest of the publisher's master key.
 *
 * @throws SettlementError `XRPL_MANIFEST_REFUTED` for another master key, a bad signature or a revocation, and those of
 *   `parseXrplManifest`
 */
export function publisherSigningKey(
  { publicKey }: ValidatorList,
  manifestBytes: Uint8Array,
  verify: VerifySignature,
): Uint8Array {
  const manifest = parseXrplManifest(manifestBytes);
  const refuse = (fault: string): never => {
    throw new SettlementError("XRPL_MANIFEST_REFUTED", `the manifest of publisher ${keyText(publicKey)} ${fault}`);
  };
  if (!equalBytes(manifest.masterKey, publicKey)) refuse(`is of another master key, ${keyText(manifest.masterKey)}`);
  if (!isSignedManifest(manifest, verify)) refuse("has a bad signature");
  return manifest.signingKey ?? refuse("revokes that key");
}

/**
 * Did the publisher sign this blob?
 *
 * @throws SettlementError `XRPL_LIST_REFUTED` where not, and those of {@link publisherSigningKey}
 */
export function requireSignedBlob(list: ValidatorList, blob: SignedBlob, verify: VerifySignature): void {
  const key = publisherSigningKey(list, blob.manifest ?? list.manifest, verify);
  if (verifyKeySignature(key, { message: blob.bytes, signature: blob.signature }, verify)) return;
  throw new SettlementError("XRPL_LIST_REFUTED", `${keyText(key)} did not sign this validator list`);
}

/** Keys are spelt as trust files spell them. */
export function keyText(publicKey: Uint8Array): string {
  return toHex(publicKey).toUpperCase();
}
