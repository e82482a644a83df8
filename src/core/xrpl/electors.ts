import { toHex } from "../bytes.ts";
import type { VerifySignature } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import { parseValidation } from "./validation.ts";
import type { ListMember } from "./validator-list.ts";
import { isSignedManifest, parseXrplManifest, type XrplManifest } from "./xrpl-manifest.ts";

/** A member of a list, found by the key it signs validations with. */
export interface Elector {
  /** Upper-case hex, as in the list. */
  readonly masterKey: string;
  /** The manifest by which the signing key is the member's. */
  readonly manifest: Uint8Array;
}

export interface Electors {
  /** Does any manifest at hand name this signing key? Costs no signature check. */
  names(signingKey: Uint8Array): boolean;
  /** The member whose newest good manifest names this signing key. Each manifest is checked at most once. */
  electorOf(signingKey: Uint8Array): Elector | undefined;
}

interface Mandate {
  readonly bytes: Uint8Array;
  readonly manifest: XrplManifest;
}

/**
 * Who votes by which key.
 *
 * @param newerManifests - of members that have changed their signing key since the list was signed; those of others, and
 *   those that are not newer, say nothing
 */
export function electorsOf(
  members: readonly ListMember[],
  newerManifests: readonly Uint8Array[],
  verify: VerifySignature,
): Electors {
  const newer = Map.groupBy(newerManifests.flatMap(mandateOf), ({ manifest }) => keyHex(manifest.masterKey));
  const mandates = new Map(members.map((member) => [member.masterKey, mandatesOf(member, newer)] as const));
  const ownersOf = ownersBySigningKey(mandates);
  const current = new Map<string, Mandate | undefined>();
  const currentOf = (masterKey: string): Mandate | undefined => {
    if (!current.has(masterKey)) {
      const good = mandates.get(masterKey)?.find(({ manifest }) => isSignedManifest(manifest, verify));
      current.set(masterKey, good);
    }
    return current.get(masterKey);
  };
  return {
    names: (signingKey) => ownersOf.has(keyHex(signingKey)),
    electorOf(signingKey) {
      const wanted = keyHex(signingKey);
      for (const masterKey of ownersOf.get(wanted) ?? []) {
        const mandate = currentOf(masterKey);
        if (mandate && signingKeyOf(mandate) === wanted) return { masterKey, manifest: mandate.bytes };
      }
      return undefined;
    },
  };
}

/**
 * Of manifests that were gathered at any time those that bear on validations: the manifests of the keys that signed them,
 * and revocations. So a key that was changed after it had signed still counts, and one that was given up does not.
 */
export function manifestsFor(
  validations: readonly Uint8Array[],
  manifests: readonly Uint8Array[],
): readonly Uint8Array[] {
  if (manifests.length === 0) return [];
  const signers = new Set(validations.flatMap(signerOf));
  return manifests.filter((bytes) =>
    mandateOf(bytes).some((mandate) => {
      const signingKey = signingKeyOf(mandate);
      return signingKey === undefined || signers.has(signingKey);
    }),
  );
}

/** Bytes that are no validation have no signer. */
function signerOf(validation: Uint8Array): string[] {
  try {
    return [keyHex(parseValidation(validation).signingKey)];
  } catch (error) {
    if (error instanceof SettlementError) return [];
    throw error;
  }
}

/** Manifests of one member, the newest first and the list's own before others of its sequence. */
function mandatesOf(
  { masterKey, manifests }: ListMember,
  newer: ReadonlyMap<string, readonly Mandate[]>,
): readonly Mandate[] {
  const own = manifests.flatMap(mandateOf).filter(({ manifest }) => keyHex(manifest.masterKey) === masterKey);
  const all = [...own, ...(newer.get(masterKey) ?? [])];
  return all.toSorted((a, b) => b.manifest.sequence - a.manifest.sequence);
}

function ownersBySigningKey(
  mandates: ReadonlyMap<string, readonly Mandate[]>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const owners = new Map<string, Set<string>>();
  for (const [masterKey, own] of mandates) {
    for (const mandate of own) {
      const signingKey = signingKeyOf(mandate);
      if (signingKey === undefined) continue;
      owners.set(signingKey, (owners.get(signingKey) ?? new Set()).add(masterKey));
    }
  }
  return owners;
}

function signingKeyOf({ manifest }: Mandate): string | undefined {
  return manifest.signingKey && keyHex(manifest.signingKey);
}

/** Bytes that are no manifest make a member that cannot vote, and no bad list. */
function mandateOf(bytes: Uint8Array): Mandate[] {
  try {
    return [{ bytes, manifest: parseXrplManifest(bytes) }];
  } catch (error) {
    if (error instanceof SettlementError) return [];
    throw error;
  }
}

function keyHex(key: Uint8Array): string {
  return toHex(key).toUpperCase();
}
