import { utf8 } from "../../src/core/bytes.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { sha256 } from "../../src/core/hash.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { publicKeyPem } from "../../src/core/public-key.ts";
import { ledgerOrigin, type SettlementInfo } from "../../src/core/settlement-info.ts";

export const settlementNodeId = "tidewater-net/anchor";
export const settlementKeyId = "anchor-2026";

/**
 * Ed25519 seed, 32 bytes, of a key of the sample ledger. It follows from its public label, so anybody can sign with it:
 * good for samples and for nothing else.
 */
export function sampleSeed(nodeId: string, keyId: string): Uint8Array {
  return sha256(utf8(`repomesh-settlement sample key: ${nodeId} ${keyId}`));
}

/** Seed of the key that signs the checkpoints of the sample ledger; as public as every {@link sampleSeed}. */
export function sampleSettlementSeed(): Uint8Array {
  return sampleSeed(settlementNodeId, settlementKeyId);
}

export function samplePublicKeyPem(nodeId: string, keyId: string): string {
  return publicKeyPem(publicKeyOf(sampleSeed(nodeId, keyId)));
}

/**
 * A `settlement.json` for the sample ledger with its own key. The ledger comes without one: whoever settles a copy names
 * it, by a key of their own.
 */
export function sampleSettlement(): SettlementInfo {
  const host = "ledger.tidewater.example";
  const key = formatVkey(makeVkey(ledgerOrigin(host), publicKeyOf(sampleSettlementSeed())));
  return { v: 1, host, network: "local", key, accounts: [] };
}
