import { compareBytes } from "../../core/bytes.ts";
import { parseAddress } from "../../core/xrpl/address.ts";

/** Order of accounts by their ids, which is not the order of their addresses. */
export function compareAccounts(a: string, b: string): number {
  return compareBytes(parseAddress(a), parseAddress(b));
}
