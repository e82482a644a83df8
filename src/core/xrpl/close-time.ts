import { formatTimestamp } from "../time.ts";
import { type LedgerHeader, rippleEpochUnixS } from "./ledger-header.ts";

/** Milliseconds since 1970 of seconds of the Ripple epoch. */
export function rippleTimeUnixMs(rippleS: number): number {
  return (rippleS + rippleEpochUnixS) * 1000;
}

/** `YYYY-MM-DDTHH:MM:SSZ` of seconds of the Ripple epoch. */
export function formatRippleTime(rippleS: number): string {
  return formatTimestamp(rippleTimeUnixMs(rippleS));
}

/** Did the validators agree on the close time? Where not, it is the parent's plus one second and says little. */
export function isCloseTimeAgreed({ closeFlags }: LedgerHeader): boolean {
  return (closeFlags & 1) === 0;
}

/** When a ledger closed, as exactly as the network says, for people. */
export function closeTimeText(header: LedgerHeader): string {
  const within = isCloseTimeAgreed(header)
    ? `± ${header.closeResolutionS} s`
    : "(the validators did not agree on the time)";
  return `closed ${formatRippleTime(header.closeTimeRippleS)} ${within}`;
}
