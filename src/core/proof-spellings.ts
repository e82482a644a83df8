import { toBase64, toHex } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import type { Hash } from "./hash.ts";
import { type InclusionProof, pathSides, rootFromInclusion, type Side } from "./merkle-proof.ts";

/** An inclusion proof in the JSON of RFC 6962 §4.5, with the size and the root it leads to; hashes in base64. */
export interface Rfc6962Proof {
  readonly leaf_index: number;
  readonly tree_size: number;
  readonly audit_path: readonly string[];
  readonly root_hash: string;
}

/** An inclusion proof in the JSON of Rekor's log entries; hashes in hex. */
export interface RekorProof {
  readonly logIndex: number;
  readonly treeSize: number;
  readonly rootHash: string;
  readonly hashes: readonly string[];
  /** The signed note of a checkpoint of that size and root. */
  readonly checkpoint: string;
}

/** What merkletreejs' `getProof` gives, its buffers in hex, and what its `verify` takes. */
export interface MerkletreejsStep {
  readonly position: Side;
  readonly data: string;
}

/** What merkletreejs' `getPositionalHexProof` gives: 0 left, 1 right. */
export type PositionalStep = readonly [position: 0 | 1, data: `0x${string}`];

/** @throws SettlementError as `rootFromInclusion` */
export function rfc6962Proof(leaf: Hash, proof: InclusionProof): Rfc6962Proof {
  const { index, size, path } = proof;
  return {
    leaf_index: index,
    tree_size: size,
    audit_path: path.map(toBase64),
    root_hash: toBase64(rootFromInclusion(leaf, index, size, path)),
  };
}

/** A consistency proof in the JSON of RFC 6962 §4.4. */
export function rfc6962Consistency(proof: readonly Hash[]): { readonly consistency: readonly string[] } {
  return { consistency: proof.map(toBase64) };
}

/** @throws SettlementError as `rootFromInclusion` */
export function rekorProof(leaf: Hash, proof: InclusionProof, checkpoint: string): RekorProof {
  const { index, size, path } = proof;
  return {
    logIndex: index,
    treeSize: size,
    rootHash: toHex(rootFromInclusion(leaf, index, size, path)),
    hashes: path.map(toHex),
    checkpoint,
  };
}

/**
 * For merkletreejs with leaves hashed behind 0x00 and a concatenator that puts 0x01 before each pair.
 *
 * @throws SettlementError `INCLUSION_PROOF_MISMATCH` when the path cannot fit index and size
 */
export function merkletreejsProof({ index, size, path }: InclusionProof): MerkletreejsStep[] {
  const sides = pathSides(index, size);
  if (sides.length !== path.length) {
    throw new SettlementError(
      "INCLUSION_PROOF_MISMATCH",
      `leaf ${index} of ${size} takes ${sides.length} hashes, not ${path.length}`,
    );
  }
  return sides.map((position, at) => ({ position, data: toHex(path[at] as Hash) }));
}

/** As {@link merkletreejsProof}, in the positional spelling. */
export function positionalHexProof(proof: InclusionProof): PositionalStep[] {
  return merkletreejsProof(proof).map(({ position, data }) => [position === "left" ? 0 : 1, `0x${data}`]);
}
