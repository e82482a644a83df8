import { signerListKey } from "../keys.ts";
import { hasFlag } from "../transaction.ts";
import { type TransactionType } from "../transaction-type.ts";
import { accountFlag } from "./account-flags.ts";

/** Names a second key that may sign, or takes it away. */
export const setRegularKey: TransactionType = {
  required: [],
  optional: ["RegularKey"],
  flags: 0,
  preflight: ({ Account, RegularKey }) => (RegularKey === Account ? "temBAD_REGKEY" : "tesSUCCESS"),
  apply({ transaction, workspace, account, baseFeeDrops }) {
    // Even one that paid uses the free reset up, if it could have had it.
    if (baseFeeDrops === 0n) account.Flags += accountFlag.passwordSpent;
    const { RegularKey } = transaction.json;
    if (RegularKey !== undefined) {
      account.RegularKey = RegularKey;
      return "tesSUCCESS";
    }
    if (hasFlag(account.Flags, accountFlag.disableMaster) && !workspace.has(signerListKey(account.Account))) {
      return "tecNO_ALTERNATIVE_KEY";
    }
    delete account.RegularKey;
    return "tesSUCCESS";
  },
  isBlocker: () => true,
};
