import { UnrecoverableError } from "bullmq";
import { SettlementError } from "../src/core/error.ts";

/**
 * What a queue does about a failed job: a neighbour that is down and an outcome that is unknown are tried again, with
 * backoff; everything else fails for good, with its code in front.
 */
export function retryRule(error: unknown): Error {
  if (!(error instanceof SettlementError))
    return new UnrecoverableError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const again = error.kind === "unavailable" || error.kind === "uncertain";
  return again ? error : new UnrecoverableError(`${error.code}: ${error.message}`);
}
