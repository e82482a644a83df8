import { type ErrorCode, SettlementError } from "./error.ts";

/**
 * What `read` returns.
 *
 * @param place - the file, flag or member that is read: what is wrong there is said with its place before it
 * @param code - code of the fault, instead of its own
 */
export function placed<T>(place: string, read: () => T, code?: ErrorCode): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SettlementError)) throw cause;
    throw new SettlementError(code ?? cause.code, `${place}: ${cause.message}`, { cause });
  }
}
