import type { LedgerEvent } from "../../core/ledger-event.ts";
import { isAnchorEvent } from "../../core/network-anchor.ts";

/** Does an event speak of keys or of windows of the ledger, so that it is judged when all others are known? */
export function isOfLedger(event: LedgerEvent): boolean {
  return event.type === "KeyRotation" || event.type === "KeyRevocation" || isAnchorEvent(event);
}
