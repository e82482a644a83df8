import { type ErrorCode, SettlementError } from "./error.ts";

/**
 * What `read` returns.
 *
 * @param place - the file, flag or member that is read: what is wrong there is said with its place before it
 * @param code - code of the fault, instead of its own unless that is of kind `refuted`
 */
export function placed<T>(place: string, read: () => T, code?: ErrorCode): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SettlementError)) throw cause;
    // What the mathematics says no to stays that, whatever the file it stands in is called.
    const own = code === undefined || cause.kind === "refuted" ? cause.code : code;
    throw new SettlementError(own, `${place}: ${cause.message}`, { cause });
  }
}
