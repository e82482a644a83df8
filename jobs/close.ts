import { parseMonth } from "../src/core/month.ts";
import type { NetworkName } from "../src/core/network.ts";
import { type CloseDeps, closePartition } from "../src/settle/close-partition.ts";
import { retryRule } from "./retry-rule.ts";

export interface CloseJob {
  readonly month: string;
}

/** Closes the month of a job; a month that is closed already is a success. Resolves to its manifest hash. */
export function closeProcessor(network: NetworkName, deps: CloseDeps) {
  return async ({ data }: { readonly data: CloseJob }): Promise<string> => {
    try {
      return (await closePartition(parseMonth(data.month), network, deps)).manifest.manifestHash;
    } catch (error) {
      throw retryRule(error);
    }
  };
}
