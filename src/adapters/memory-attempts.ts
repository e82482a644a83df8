import type { Attempt, Attempts } from "../ports.ts";
import { isStep, otherAttempt, otherState } from "./attempt-rules.ts";

/** Anchor attempts that live as long as the process. */
export function memoryAttempts(): Attempts {
  const stored: Attempt[] = [];
  const latest = (network: string, manifestHash: string): Attempt | undefined =>
    stored.findLast((attempt) => attempt.anchor.network === network && attempt.manifestHash === manifestHash);
  return {
    latest: async (network, manifestHash) => latest(network, manifestHash),
    list: async () => [...stored].toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
    async prepare(month, manifestHash, anchor, previous) {
      const last = latest(anchor.network, manifestHash);
      const isNext = last?.number === previous?.number && (last === undefined || last.state === "expired");
      if (!isNext || stored.some((attempt) => attempt.anchor.hash === anchor.hash)) throw otherAttempt(month);
      const attempt: Attempt = { month, manifestHash, number: (last?.number ?? 0) + 1, state: "prepared", anchor };
      stored.push(attempt);
      return attempt;
    },
    async advance(attempt, state, facts = {}) {
      const isSame = (one: Attempt): boolean =>
        one.anchor.network === attempt.anchor.network &&
        one.manifestHash === attempt.manifestHash &&
        one.number === attempt.number &&
        one.state === attempt.state;
      const at = stored.findIndex(isSame);
      const current = stored[at];
      if (!current || !isStep(current.state, state)) throw otherState(attempt, state);
      const next: Attempt = { ...current, state, ...facts };
      stored[at] = next;
      return next;
    },
  };
}

function orderOf({ month, anchor, manifestHash, number }: Attempt): string {
  return [month, anchor.network, manifestHash, String(number).padStart(10, "0")].join(" ");
}
