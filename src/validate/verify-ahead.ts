import { equalBytes } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { type NodeIndex, signersOf } from "../core/signer.ts";

/** A verification that does not hold this thread up. */
export type VerifyAhead = (...signed: Parameters<VerifySignature>) => Promise<boolean>;

/** What is known of the signature of one event: whether these keys made it. */
export interface KeyCheck {
  readonly publicKey: Uint8Array;
  readonly isGood: boolean;
}

/**
 * Verifies the signature of an event with the keys it names, in the order in which the rule about signatures will ask for
 * them; the rule then finds the answers ready.
 */
export async function checkAhead(event: LedgerEvent, nodes: NodeIndex, verify: VerifyAhead): Promise<KeyCheck[]> {
  const checks: KeyCheck[] = [];
  for (;;) {
    let next: Parameters<VerifySignature> | undefined;
    const ask: VerifySignature = (...signed) => {
      const known = checkOf(checks, signed[0]);
      if (known) return known.isGood;
      next = signed;
      return true;
    };
    signersOf(event, nodes, ask, { namedOnly: true });
    if (!next) return checks;
    const isGood = await verify(...next);
    checks.push({ publicKey: next[0], isGood });
    if (isGood) return checks;
  }
}

function checkOf(checks: readonly KeyCheck[], publicKey: Uint8Array): KeyCheck | undefined {
  return checks.find((check) => equalBytes(check.publicKey, publicKey));
}

/** Verification that knows some of the answers for one event. */
export function verifyWith(checks: readonly KeyCheck[], verify: VerifySignature): VerifySignature {
  return (publicKey, message, signature) => checkOf(checks, publicKey)?.isGood ?? verify(publicKey, message, signature);
}

/** Lets at most `most` calls be under way at once, the others wait their turn: whoever else uses the threads gets one soon. */
export function atMost(most: number, verify: VerifyAhead): VerifyAhead {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (...signed) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await verify(...signed);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
