import { type EngineConfig } from "../engine.ts";
import { type AccountRoot } from "./entry.ts";
import { isSignedByMaster } from "./signer.ts";
import { hasFlag, type Transaction } from "./transaction.ts";
import { accountFlag } from "./transactions/account-flags.ts";

/** What a transaction costs without load: more with several signers, nothing for a first key reset signed by the master key. */
export function baseFeeOf(config: EngineConfig, { json }: Transaction, account: AccountRoot | undefined): bigint {
  const isFreeReset =
    json.TransactionType === "SetRegularKey" &&
    account !== undefined &&
    !hasFlag(account.Flags, accountFlag.passwordSpent) &&
    isSignedByMaster(json);
  return isFreeReset ? 0n : ordinaryFeeOf(config, json.Signers?.length ?? 0);
}

export function ordinaryFeeOf(config: EngineConfig, signers: number): bigint {
  return BigInt(config.baseFeeDrops) * BigInt(1 + signers);
}
