import { SettlementError } from "../core/error.ts";
import type { Attempt, AttemptState } from "../ports.ts";

const openStates: readonly AttemptState[] = ["prepared", "submitted"];

/**
 * May an attempt go from one state to another? `anchored` and `expired` are final; a `failed` one expires when a human says
 * so, and then a new one may be signed.
 */
export function isStep(from: AttemptState, to: AttemptState): boolean {
  if (from === "failed") return to === "expired";
  return openStates.includes(from) && to !== "prepared" && from !== to;
}

export function otherAttempt(month: string): SettlementError {
  return new SettlementError(
    "ATTEMPT_CONFLICT",
    `${month}: another attempt to anchor it was stored meanwhile, or the one before it has not expired; look at that one`,
  );
}

export function otherState({ month, number, state }: Attempt, to: AttemptState): SettlementError {
  return new SettlementError(
    "ATTEMPT_CONFLICT",
    `${month}: attempt ${number} cannot go from ${state} to ${to}, or is not ${state} any more; look at it again`,
  );
}
