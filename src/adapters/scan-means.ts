import { type TermName, termKey } from "../core/event-index.ts";
import type { Sha256 } from "../core/hash.ts";

/** Keys of terms that come again and again. */
export type TermKeys = (name: TermName, text: string) => number;

const keptKeys = 10_000;

export function termKeys(sha256: Sha256): TermKeys {
  const kept = new Map<string, number>();
  return (name, text) => {
    // Hardly one comes twice.
    if (name === "release" || name === "about") return termKey(name, text, sha256);
    const full = `${name}\n${text}`;
    const found = kept.get(full);
    if (found !== undefined) return found;
    const key = termKey(name, text, sha256);
    if (kept.size >= keptKeys) kept.clear();
    kept.set(full, key);
    return key;
  };
}

export interface ScanMeans {
  readonly sha256: Sha256;
  /** Where details are asked for. */
  readonly keyOf?: TermKeys | undefined;
  /** Takes the lines of the evidence digest where they fit. */
  readonly lines?: Uint8Array | undefined;
}
