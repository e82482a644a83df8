import type { VerifySignature } from "./ed25519.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import { isJsonObject, type JsonValue, parseJson } from "./json.ts";
import { judgeBundle } from "./judge-bundle.ts";
import type { Trust } from "./trust.ts";
import type { Verdict } from "./verdict.ts";
import { verifyXpop } from "./xrpl/verify-xpop.ts";

/** The largest proof that is read: a bundle with the XPOP of a large validator set takes about 150 kB. */
const maxBytes = 4_000_000;
/** An XPOP nests its tree, up to 64 levels. */
const maxDepth = 160;

/** Has it the three members of an XPOP (XLS-41), and no type of ours? */
function isXpop(value: JsonValue): boolean {
  if (!isJsonObject(value) || Object.hasOwn(value, "type")) return false;
  return ["ledger", "transaction", "validation"].every((name) => Object.hasOwn(value, name));
}

/**
 * The verdict about the bytes of a proof, whichever it is: a bundle of ours, or a bare XPOP (XLS-41).
 *
 * @throws SettlementError for bytes that are neither: those of `judgeBundle` and `verifyXpop`
 */
export function judgeProof(bytes: Uint8Array, trust: Trust, verify: VerifySignature = verifyEd25519): Verdict {
  if (!looksLikeXpop(bytes)) return judgeBundle(bytes, trust, verify);
  const { facts: _facts, ...verdict } = verifyXpop(bytes, trust, { verify });
  return verdict;
}

function looksLikeXpop(bytes: Uint8Array): boolean {
  try {
    return isXpop(parseJson(bytes, { maxBytes, maxDepth }));
  } catch (error) {
    // Whoever reads it as a bundle says what is wrong with it.
    if (error instanceof SettlementError) return false;
    throw error;
  }
}
