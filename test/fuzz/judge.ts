import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { VerifySignature } from "../../src/core/ed25519.ts";
import { SettlementError } from "../../src/core/error.ts";
import { judgeProof } from "../../src/core/judge-proof.ts";
import type { Trust } from "../../src/core/trust.ts";
import type { Verdict, VerdictWord } from "../../src/core/verdict.ts";
import { verifyXpop } from "../../src/core/xrpl/verify-xpop.ts";
import type { XpopFacts } from "../../src/core/xrpl/xpop-facts.ts";

/** What the verifier made of some bytes. */
export type Outcome =
  | { readonly word: VerdictWord; readonly verdict: Verdict }
  | { readonly word: "refused"; readonly code: string; readonly message: string }
  | { readonly word: "crashed"; readonly error: unknown };

/** The verifier under test: that of the command line and of the API. */
export interface Verifier {
  judge(bytes: Uint8Array, trust: Trust, verify: VerifySignature): Verdict;
  /** What a proven XPOP proves; null for another. */
  facts(bytes: Uint8Array, trust: Trust): XpopFacts | null;
}

export const verifier: Verifier = {
  judge: judgeProof,
  facts: (bytes, trust) => verifyXpop(bytes, trust, { verify: nodeVerify }).facts,
};

/** Only bytes that are no proof at all may be refused, and only so. */
export function outcomeOf({ judge }: Verifier, bytes: Uint8Array, trust: Trust, verify: VerifySignature): Outcome {
  try {
    const verdict = judge(bytes, trust, verify);
    return { word: verdict.verdict, verdict };
  } catch (error) {
    if (error instanceof SettlementError && error.kind === "invalid")
      return { word: "refused", code: error.code, message: error.message };
    return { word: "crashed", error };
  }
}

export function isAccepted({ word }: Pick<Outcome, "word">): boolean {
  return word === "proven" || word === "anchored";
}
