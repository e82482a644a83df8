import { SettlementError } from "../core/error.ts";
import type { Chain, Clock, Look, Looks, Outcome, SignedAnchor } from "../ports.ts";

function outcomeText(outcome: Outcome): string {
  return outcome.state === "validated" ? `validated ${outcome.ledgerIndex}` : outcome.state;
}

/**
 * A chain of which is written down what is done about each transaction, and what came of it. Nothing goes by what is
 * written, so a state that cannot take it fails nothing.
 */
export function watchedChain(chain: Chain, looks: Looks, clock: Clock): Chain {
  const watched = async <T>(
    { hash }: SignedAnchor,
    act: Look["act"],
    work: () => Promise<T>,
    textOf: (result: T) => string,
  ): Promise<T> => {
    const told = (said: string): Promise<void> =>
      looks.record({ hash, act, said }, clock()).catch((error: unknown) => {
        if (!(error instanceof SettlementError)) throw error;
      });
    try {
      const result = await work();
      await told(textOf(result));
      return result;
    } catch (error) {
      if (error instanceof SettlementError) await told(error.code);
      throw error;
    }
  };
  return {
    network: chain.network,
    status: () => chain.status(),
    history: (claim) => chain.history(claim),
    sign: (memos, sequence) => chain.sign(memos, sequence),
    capture: (ledgerIndex) => chain.capture(ledgerIndex),
    submit: (anchor) => watched(anchor, "send", () => chain.submit(anchor), String),
    outcome: (anchor) => watched(anchor, "look", () => chain.outcome(anchor), outcomeText),
  };
}
