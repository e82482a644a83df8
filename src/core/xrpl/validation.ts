import { concatBytes } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import type { Hash } from "../hash.ts";
import { toBase58Check } from "./base58.ts";
import { fieldOf, fieldType, readFields, type SerialField } from "./fields.ts";
import { hashPrefix, sha512Half } from "./hash.ts";
import { keyTypeOf, signedBytes } from "./key-signature.ts";
import { verifySecp256k1 } from "./secp256k1.ts";

/** What one validator said of one ledger (rippled `STValidation`). */
export interface Validation {
  readonly ledgerIndex: number;
  readonly ledgerHash: Hash;
  /** The signer's clock, seconds of the Ripple epoch: within seconds of the ledger's close. */
  readonly signedRippleS: number;
  /** A validator that follows without taking part signs partial ones, which no quorum counts. */
  readonly isFull: boolean;
  /** 33 bytes, the signing key of the validator's manifest. */
  readonly signingKey: Uint8Array;
  readonly signature: Uint8Array;
  /** The signer promises the lower value of s. */
  readonly isFullyCanonical: boolean;
  /** SHA-512Half of what is signed: every field but the signature, also those unknown here, as they stand. */
  readonly digest: Hash;
}

const signatureField = [fieldType.blob, 6] as const;
const fullFlag = 0x0000_0001;
const fullyCanonicalFlag = 0x8000_0000;

/** A fee, an amendment vote and a few hashes; bytes. */
const validationLimit = 16_384;

/**
 * A serialised validation, its signature not yet checked.
 *
 * @throws SettlementError `XRPL_FIELDS_MALFORMED` for bytes that are no canonical object, `XRPL_VALIDATION_MALFORMED`
 *   when a field every validation has is missing, or for a key that rippled takes no validation from
 */
export function parseValidation(bytes: Uint8Array): Validation {
  if (bytes.length > validationLimit) throw malformed(`has ${bytes.length} bytes`);
  const fields = readFields(bytes);
  const flags = required(fields, fieldType.uint32, 2, "Flags");
  const signed = required(fields, fieldType.uint32, 9, "SigningTime");
  const signingKey = required(fields, fieldType.blob, 3, "SigningPubKey");
  if (keyTypeOf(signingKey) !== "secp256k1") throw malformed("is signed by something other than a secp256k1 key");
  const flagBits = uint32(flags);
  return {
    ledgerIndex: uint32(required(fields, fieldType.uint32, 6, "LedgerSequence")),
    ledgerHash: required(fields, fieldType.hash256, 1, "LedgerHash"),
    signedRippleS: uint32(signed),
    isFull: (flagBits & fullFlag) !== 0,
    signingKey,
    signature: required(fields, ...signatureField, "Signature"),
    isFullyCanonical: (flagBits & fullyCanonicalFlag) !== 0,
    digest: sha512Half(signedBytes(hashPrefix.validation, fields, [signatureField])),
  };
}

/** Did the key that the validation names sign it? About 1 ms. */
export function isSignedValidation({ signingKey, digest, signature, isFullyCanonical }: Validation): boolean {
  return verifySecp256k1(signingKey, digest, signature, { lowS: isFullyCanonical });
}

const nodeKeyPrefix = Uint8Array.of(28);

/** The `n…` spelling of a validator's key, which labels its validation in an XPOP. */
export function nodeKeyText(publicKey: Uint8Array): string {
  return toBase58Check(concatBytes(nodeKeyPrefix, publicKey));
}

function required(fields: readonly SerialField[], typeCode: number, fieldCode: number, name: string): Uint8Array {
  const field = fieldOf(fields, typeCode, fieldCode);
  if (!field) throw malformed(`has no ${name}`);
  return field.bytes;
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}

function malformed(fault: string): SettlementError {
  return new SettlementError("XRPL_VALIDATION_MALFORMED", `the validation ${fault}`);
}
