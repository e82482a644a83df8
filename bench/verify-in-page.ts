import { verify } from "@noble/ed25519";
import { fromBase64, fromUtf8 } from "../src/core/bytes.ts";
import { judgeProof } from "../src/core/judge-proof.ts";
import { parseJson } from "../src/core/json.ts";
import { parseTrust } from "../src/core/trust.ts";
import { verifyEd25519 } from "../src/core/ed25519.ts";
import { readXpop } from "../src/core/xrpl/xpop.ts";
import { inTurn } from "./row.ts";
import { checkAll, signatureChecks } from "./signature-checks.ts";

/** What is measured inside a page. */
export interface PageInput {
  /** Base64. */
  readonly bundle: string;
  readonly xpop: string;
  /** A trust file. */
  readonly trust: string;
  readonly rounds: number;
}

/** Verification in a browser, by the portable libraries. */
function measure({ bundle, xpop, trust, rounds }: PageInput): ReturnType<typeof inTurn> {
  const bytes = fromBase64(bundle);
  const pins = parseTrust(parseJson(trust));
  const checks = signatureChecks(bytes, readXpop(fromUtf8(fromBase64(xpop))), pins, verifyEd25519);
  const judge = (): void => void judgeProof(bytes, pins, verifyEd25519);
  const bare = (): void => checkAll(checks, (publicKey, signed, signature) => verify(signature, signed, publicKey));
  inTurn(3, judge, bare);
  return inTurn(rounds, judge, bare);
}

Object.assign(globalThis, { measure });
