import { equalBytes, toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { parseSignature } from "../core/event.ts";
import type { KnownEvent } from "./memory.ts";
import { readable, type RuleContext } from "./rule.ts";
import { checkAhead, type VerifyAhead } from "./verify-ahead.ts";

/** Good signatures by event id. */
export type Verified = ReadonlyMap<string, Required<Pick<KnownEvent, "signature" | "publicKey">>>;

/**
 * Verifies the events of a ledger ahead of the rules.
 *
 * @param previous - what was known of the ledger before; its signatures are not verified again
 */
export async function verifyHistory(
  { entries, nodes }: Pick<RuleContext, "entries" | "nodes">,
  verify: VerifyAhead,
  atOnce: number,
  previous: (id: string) => KnownEvent | undefined,
): Promise<Verified> {
  const verified = new Map<string, Required<Pick<KnownEvent, "signature" | "publicKey">>>();
  const events = readable(entries)
    .filter(({ isSound }) => isSound)
    .values();
  const work = async (): Promise<void> => {
    for (const { event } of events) {
      const { signature } = event;
      const known = previous(event.id);
      const publicKey =
        known?.signature === signature && known.publicKey
          ? known.publicKey
          : (await checkAhead(event, nodes, verify)).find(({ isGood }) => isGood)?.publicKey;
      if (publicKey) verified.set(event.id, { signature, publicKey });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return verified;
}

/** One signature verifies under one key: where that key is known, nothing has to be computed. */
export function withVerified(verified: Verified, verify: VerifySignature): VerifySignature {
  return (publicKey, message, signature) => {
    const known = verified.get(toHex(message));
    return known && equalBytes(parseSignature(known.signature), signature)
      ? equalBytes(known.publicKey, publicKey)
      : verify(publicKey, message, signature);
  };
}
