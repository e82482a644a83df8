import { type Draft, readAccount } from "./draft.ts";
import { baseFeeOf, ordinaryFeeOf } from "./fee.ts";
import { type Transaction } from "./transaction.ts";

/** Fee level of a transaction that pays just what it costs without load; levels compare transactions of different base fees. */
export const baseLevel = 256n;

/** `value * factor / divisor`, rounded down. */
export function mulDiv(value: bigint, factor: bigint, divisor: bigint): bigint {
  return (value * factor) / divisor;
}

/** How much a transaction pays for what it costs (rippled `getFeeLevelPaid`). */
export function feeLevelOf({ config, state }: Draft, transaction: Transaction): bigint {
  const { json, feeDrops } = transaction;
  const base = baseFeeOf(config, transaction, readAccount(state, json.Account));
  if (base > 0n) return mulDiv(feeDrops, baseLevel, base);
  // A free one counts as if it had paid the ordinary fee.
  const ordinary = ordinaryFeeOf(config, json.Signers?.length ?? 0);
  const instead = ordinary === 0n ? 1n : ordinary;
  return mulDiv(feeDrops + instead, baseLevel, instead);
}
