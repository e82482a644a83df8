import { equalBytes } from "../bytes.ts";
import type { VerifySignature } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import { fieldOf, fieldType, readFields, type SerialField } from "./fields.ts";
import { hashPrefix } from "./hash.ts";
import { keyTypeOf, signedBytes, verifyKeySignature } from "./key-signature.ts";

/** Says which key signs for a master key at present: a validator's or a list publisher's (rippled `Manifest`). */
export interface XrplManifest {
  /** Greater replaces smaller. */
  readonly sequence: number;
  readonly masterKey: Uint8Array;
  /** Absent where the master key is revoked. */
  readonly signingKey?: Uint8Array;
  /** What both keys sign. */
  readonly message: Uint8Array;
  readonly masterSignature: Uint8Array;
  readonly signature?: Uint8Array;
}

/** The sequence that ends a master key for ever. */
const revokedSequence = 0xffff_ffff;

const signatureField = [fieldType.blob, 6] as const;
const masterSignatureField = [fieldType.blob, 18] as const;

/**
 * A serialised manifest, its signatures not yet checked.
 *
 * @throws SettlementError `XRPL_FIELDS_MALFORMED`, `XRPL_MANIFEST_MALFORMED`
 */
export function parseXrplManifest(bytes: Uint8Array): XrplManifest {
  const fields = readFields(bytes);
  const blob = (fieldCode: number): Uint8Array | undefined => fieldOf(fields, fieldType.blob, fieldCode)?.bytes;
  const sequence = sequenceOf(fields);
  const masterKey = blob(1);
  const signingKey = blob(3);
  const signature = blob(6);
  const masterSignature = blob(18);
  const version = fieldOf(fields, fieldType.uint16, 16)?.bytes;
  if (version?.some((byte) => byte !== 0)) throw malformed("is of a version that is not known here");
  if (!masterKey || !keyTypeOf(masterKey)) throw malformed("has no master key");
  if (!masterSignature) throw malformed("is not signed by the master key");
  const common = {
    sequence,
    masterKey,
    masterSignature,
    message: signedBytes(hashPrefix.manifest, fields, [signatureField, masterSignatureField]),
  };
  if (sequence === revokedSequence) {
    if (signingKey || signature) throw malformed("revokes its master key and names a signing key");
    return common;
  }
  if (!signingKey || !keyTypeOf(signingKey)) throw malformed("has no signing key");
  if (!signature) throw malformed("is not signed by its signing key");
  if (equalBytes(signingKey, masterKey)) throw malformed("has the master key for a signing key");
  return { ...common, signingKey, signature };
}

/** Are both signatures good? A revocation bears the master key's alone. */
export function isSignedManifest(manifest: XrplManifest, verify: VerifySignature): boolean {
  const { message, masterKey, masterSignature, signingKey, signature } = manifest;
  const isSignedByOwner = verifyKeySignature(masterKey, { message, signature: masterSignature }, verify);
  if (!signingKey || !signature) return isSignedByOwner;
  return isSignedByOwner && verifyKeySignature(signingKey, { message, signature }, verify);
}

function sequenceOf(fields: readonly SerialField[]): number {
  const bytes = fieldOf(fields, fieldType.uint32, 4)?.bytes;
  if (!bytes) throw malformed("has no sequence");
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}

function malformed(fault: string): SettlementError {
  return new SettlementError("XRPL_MANIFEST_MALFORMED", `the XRPL manifest ${fault}`);
}
