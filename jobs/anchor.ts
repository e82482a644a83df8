import { toHex } from "../src/core/bytes.ts";
import { parseMonth } from "../src/core/month.ts";
import { transactionId } from "../src/core/xrpl/transaction-id.ts";
import { type AnchorDeps, anchorPartition } from "../src/settle/anchor-partition.ts";
import { retryRule } from "./retry-rule.ts";

export interface AnchorJob {
  readonly month: string;
}

/** Anchors the month of a job and writes its receipt. Safe to repeat. Resolves to the transaction id, upper-case hex. */
export function anchorProcessor(deps: AnchorDeps) {
  return async ({ data }: { readonly data: AnchorJob }): Promise<string> => {
    try {
      const { blob } = await anchorPartition(parseMonth(data.month), deps);
      return toHex(transactionId(blob)).toUpperCase();
    } catch (error) {
      throw retryRule(error);
    }
  };
}
