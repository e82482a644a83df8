import { SettlementError } from "./error.ts";
import type { FieldReader } from "./fields.ts";
import { parseRfc3339 } from "./time.ts";

export const revocationReasons = ["rotation", "compromise", "retirement"] as const;

export type RevocationReason = (typeof revocationReasons)[number];

/** When a key may sign; times in milliseconds since 1970. Without members it always may. */
export interface KeyWindow {
  readonly validFrom?: number;
  /** First instant at which the key is no longer valid. */
  readonly validUntil?: number;
  readonly revokedAt?: number;
  /** An unknown reason counts as a compromise, the strictest. */
  readonly revocationReason?: RevocationReason;
  /** Invalidity date of a compromise, RFC 5280 §5.3.2: signatures from then on are not trusted. */
  readonly invalidAfter?: number;
}

/**
 * @throws SettlementError `KEY_WINDOW_MALFORMED` when a time is no time or a revocation has no usable date
 */
export function parseKeyWindow(fields: FieldReader): KeyWindow {
  const time = (name: keyof KeyWindow): Partial<KeyWindow> => {
    if (!fields.has(name)) return {};
    try {
      return { [name]: parseRfc3339(fields.text(name, 60)) };
    } catch (cause) {
      throw new SettlementError("KEY_WINDOW_MALFORMED", `the key's ${name} is not an RFC 3339 date-time`, { cause });
    }
  };
  const window: KeyWindow = {
    ...time("validFrom"),
    ...time("validUntil"),
    ...time("revokedAt"),
    ...time("invalidAfter"),
  };
  const reason = fields.has("revocationReason") ? fields.text("revocationReason", 60) : undefined;
  const revoked = window.revokedAt !== undefined || window.invalidAfter !== undefined;
  if (reason !== undefined && !revoked) {
    throw new SettlementError("KEY_WINDOW_MALFORMED", "the key has a revocationReason and no revokedAt");
  }
  if (!revoked) return window;
  return { ...window, revocationReason: revocationReasons.find((known) => known === reason) ?? "compromise" };
}

export type KeyVerdict =
  | { readonly valid: true }
  | { readonly valid: false; readonly why: "early" | "expired" | "revoked" | "compromised"; readonly detail: string };

const good: KeyVerdict = { valid: true };

function bad(why: "early" | "expired" | "revoked" | "compromised", detail: string): KeyVerdict {
  return { valid: false, why, detail };
}

/** When a signature was made, as far as it is known; milliseconds since 1970. */
export interface SignatureTime {
  /** What the signer wrote. */
  readonly claimed: number;
  /** Proven upper bound: the close time of the XRPL ledger that witnessed it. */
  readonly witnessed?: number | undefined;
}

/**
 * May a key have made a signature?
 *
 * Rotation, retirement and expiry are prospective: the claimed time decides, since the door took the event only while
 * the key was good. A compromise is retroactive from its invalidity date: whoever holds the key can claim any time,
 * so only a witnessed time before that date saves the signature.
 */
export function keyVerdict(window: KeyWindow, { claimed, witnessed }: SignatureTime): KeyVerdict {
  const { validFrom, validUntil, revokedAt, revocationReason } = window;
  if (validFrom !== undefined && claimed < validFrom)
    return bad("early", "the key was not valid yet when the event says it was signed");
  if (validUntil !== undefined && claimed >= validUntil)
    return bad("expired", "the key was no longer valid when the event says it was signed");
  if (revocationReason === "compromise") {
    const boundary = window.invalidAfter ?? revokedAt ?? Number.NEGATIVE_INFINITY;
    if (claimed >= boundary) return bad("compromised", "the key was compromised before the event says it was signed");
    if (witnessed === undefined || witnessed >= boundary) {
      return bad(
        "compromised",
        "the key was compromised, and nothing proves that the event existed before its invalidity date",
      );
    }
    return good;
  }
  if (revokedAt !== undefined && claimed >= revokedAt)
    return bad("revoked", "the key was revoked when the event says it was signed");
  return good;
}
