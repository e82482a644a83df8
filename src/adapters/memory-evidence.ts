import type { CapturedEvidence, EvidenceStore } from "../ports.ts";
import { requireStorable } from "./state-texts.ts";

/** Captured evidence that lives as long as the process. */
export function memoryEvidence(): EvidenceStore {
  const pieces = new Map<string, CapturedEvidence>();
  const copy = (piece: CapturedEvidence): CapturedEvidence => ({ ...piece, bytes: Uint8Array.from(piece.bytes) });
  return {
    async keep(evidence) {
      requireStorable(evidence.network, evidence.ledgerHash, evidence.name);
      const key = keyOf(evidence);
      if (!pieces.has(key)) pieces.set(key, copy(evidence));
    },
    async find(network, ledgerIndex) {
      const found = [...pieces].filter(([, piece]) => piece.network === network && piece.ledgerIndex === ledgerIndex);
      return found.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, piece]) => copy(piece));
    },
  };
}

/** NUL is in none of the texts and comes before every other character, so that these sort as the texts do. */
function keyOf({ network, ledgerIndex, ledgerHash, kind, name }: CapturedEvidence): string {
  return [network, ledgerIndex, ledgerHash, kind, name].join("\0");
}
