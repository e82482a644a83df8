import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes, toHex, uintBytes } from "../src/core/bytes.ts";
import type { VerifySignature } from "../src/core/ed25519.ts";
import { judgeProof } from "../src/core/judge-proof.ts";
import type { Trust } from "../src/core/trust.ts";
import { parseEcdsaSignature } from "../src/core/xrpl/ecdsa-signature.ts";
import { sha512Half } from "../src/core/xrpl/hash.ts";
import { parseValidation } from "../src/core/xrpl/validation.ts";
import { listContents } from "../src/core/xrpl/validator-list.ts";
import type { Xpop } from "../src/core/xrpl/xpop.ts";
import { parseXrplManifest } from "../src/core/xrpl/xrpl-manifest.ts";

/** One signature that a proof rests on, as the library takes it. */
interface SignatureCheck {
  readonly publicKey: Uint8Array;
  /** What an Ed25519 key signed, or the digest that a secp256k1 key did. */
  readonly signed: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Every signature that a verdict needs, each once, by scheme. */
export interface SignatureChecks {
  readonly ed25519: readonly SignatureCheck[];
  readonly secp256k1: readonly SignatureCheck[];
}

function compact(der: Uint8Array): Uint8Array {
  const parsed = parseEcdsaSignature(der);
  if (!parsed) throw new Error("a signature of the proof is not DER");
  return concatBytes(uintBytes(parsed.r, 32), uintBytes(parsed.s, 32));
}

/** Those of the validators and of the publisher, each by a secp256k1 key here. */
function secpChecks({ validations, list }: Xpop): SignatureCheck[] {
  const [read] = listContents(list);
  const publisher = parseXrplManifest(list.manifest);
  if (!read || !publisher.signingKey) throw new Error("the list is not signed");
  const manifests = [list.manifest, ...read.content.members.flatMap((member) => member.manifests)];
  const ofManifests = manifests.map((bytes): SignatureCheck => {
    const { signingKey, signature, message } = parseXrplManifest(bytes);
    if (!signingKey || !signature) throw new Error("a manifest of the proof is revoked");
    return { publicKey: signingKey, signed: sha512Half(message), signature: compact(signature) };
  });
  const ofValidations = validations.map((bytes): SignatureCheck => {
    const { signingKey, digest, signature } = parseValidation(bytes);
    return { publicKey: signingKey, signed: digest, signature: compact(signature) };
  });
  const { bytes, signature } = read.blob;
  const ofList = { publicKey: publisher.signingKey, signed: sha512Half(bytes), signature: compact(signature) };
  return [...ofManifests, ...ofValidations, ofList];
}

/** @param xpop - of the same proof */
export function signatureChecks(proof: Uint8Array, xpop: Xpop, trust: Trust, verify: VerifySignature): SignatureChecks {
  const ed25519 = new Map<string, SignatureCheck>();
  const note: VerifySignature = (publicKey, signed, signature) => {
    const isGood = verify(publicKey, signed, signature);
    if (isGood) ed25519.set(toHex(concatBytes(publicKey, signature)), { publicKey, signed, signature });
    return isGood;
  };
  const { verdict, summary } = judgeProof(proof, trust, note);
  if (verdict !== "proven") throw new Error(summary);
  return { ed25519: Array.from(ed25519.values()), secp256k1: secpChecks(xpop) };
}

/** The bare cost: the libraries' own calls and nothing beside them. */
export function checkAll(checks: SignatureChecks, verify: VerifySignature): void {
  for (const { publicKey, signed, signature } of checks.ed25519)
    if (!verify(publicKey, signed, signature)) throw new Error("an Ed25519 signature of the proof is bad");
  for (const { publicKey, signed, signature } of checks.secp256k1)
    if (!secp256k1.verify(signature, signed, publicKey, { prehash: false, lowS: false }))
      throw new Error("a secp256k1 signature of the proof is bad");
}
