import { toHex } from "../core/bytes.ts";
import { parseValidation } from "../core/xrpl/validation.ts";
import { isSignedManifest, parseXrplManifest } from "../core/xrpl/xrpl-manifest.ts";
import type { HeardLedger, Validations } from "../ports.ts";
import { nodeVerify } from "./node-crypto.ts";

/** Signers of one ledger that are remembered: far more than any list has members. */
const maxSigners = 400;
/** Enough for several keys of each of them. */
const maxManifests = 2000;

interface Heard {
  readonly ledgerIndex: number;
  /** By signing key; a full validation takes the place of a partial one. */
  readonly bySigner: Map<string, { readonly bytes: Uint8Array; readonly isFull: boolean }>;
}

export interface HeardBuffer extends Validations {
  /** Returns the key that signed it, 33 bytes. @throws SettlementError for bytes that are no validation */
  addValidation(bytes: Uint8Array): Uint8Array;
  /** One that is not signed as it should be is left aside. @throws SettlementError for bytes that are no manifest */
  addManifest(bytes: Uint8Array): void;
  /** Is a manifest at hand by which this key signs? */
  knows(signingKey: Uint8Array): boolean;
}

/** Validations by ledger hash and manifests by signing key, bounded. @param limit - ledgers remembered */
export function heardBuffer(limit: number): HeardBuffer {
  const ledgers = new Map<string, Heard>();
  const manifests = new Map<string, Uint8Array>();
  return {
    addValidation(bytes) {
      const { ledgerHash, ledgerIndex, signingKey, isFull } = parseValidation(bytes);
      const hash = toHex(ledgerHash).toUpperCase();
      let heard = ledgers.get(hash);
      if (!heard) {
        heard = { ledgerIndex, bySigner: new Map() };
        ledgers.set(hash, heard);
        dropOldest(ledgers, limit);
      }
      const key = toHex(signingKey);
      const known = heard.bySigner.get(key);
      if (!known?.isFull && (known || heard.bySigner.size < maxSigners)) heard.bySigner.set(key, { bytes, isFull });
      return signingKey;
    },
    addManifest(bytes) {
      const manifest = parseXrplManifest(bytes);
      const name = manifest.signingKey ? toHex(manifest.signingKey) : `revoked ${toHex(manifest.masterKey)}`;
      if (manifests.has(name) || !isSignedManifest(manifest, nodeVerify)) return;
      manifests.set(name, bytes);
      dropOldest(manifests, maxManifests);
    },
    knows: (signingKey) => manifests.has(toHex(signingKey)),
    manifests: () => Array.from(manifests.values()),
    heardFrom: (ledgerIndex) =>
      Array.from(ledgers, ([ledgerHash, heard]): HeardLedger => ({
        ledgerHash,
        ledgerIndex: heard.ledgerIndex,
        validations: Array.from(heard.bySigner.values(), ({ bytes }) => bytes),
      }))
        .filter((heard) => heard.ledgerIndex >= ledgerIndex)
        .toSorted((a, b) => a.ledgerIndex - b.ledgerIndex),
  };
}

function dropOldest(held: Map<string, unknown>, limit: number): void {
  const [oldest] = held.keys();
  if (held.size > limit && oldest !== undefined) held.delete(oldest);
}
