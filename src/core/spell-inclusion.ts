import type { Bundle } from "./bundle.ts";
import { toHex } from "./bytes.ts";
import { idBytes } from "./event.ts";
import { leafHash } from "./merkle.ts";
import {
  merkletreejsProof,
  type MerkletreejsStep,
  positionalHexProof,
  type PositionalStep,
  rekorProof,
  type RekorProof,
  rfc6962Proof,
  type Rfc6962Proof,
} from "./proof-spellings.ts";
import { formatTlogProof } from "./tlog-proof.ts";

/** How other tools spell that an event is in the log of its month. */
export const inclusionSpellings = ["tlog-proof", "rfc6962", "rekor", "merkletreejs"] as const;

export type InclusionSpelling = (typeof inclusionSpellings)[number];

/** For merkletreejs: `proof` for its `verify`, the same in its positional form, and what they lead from and to. */
interface MerkletreejsProof {
  readonly leaf: string;
  readonly root: string;
  readonly proof: readonly MerkletreejsStep[];
  readonly positional: readonly PositionalStep[];
}

/** The inclusion proof of a bundle as another tool takes it: a text file (`tlog-proof`), or an object to be written as JSON. */
export function spellInclusion(
  { event, inclusion, checkpoint, manifest }: Bundle,
  spelling: InclusionSpelling,
): string | Rfc6962Proof | RekorProof | MerkletreejsProof {
  const leaf = leafHash(idBytes(event.id));
  switch (spelling) {
    case "tlog-proof":
      return formatTlogProof({ ...inclusion, checkpoint });
    case "rfc6962":
      return rfc6962Proof(leaf, inclusion);
    case "rekor":
      return rekorProof(leaf, inclusion, checkpoint);
    case "merkletreejs": {
      const [proof, positional] = [merkletreejsProof(inclusion), positionalHexProof(inclusion)];
      return { leaf: toHex(leaf), root: manifest.root, proof, positional };
    }
    default:
      return spelling satisfies never;
  }
}
