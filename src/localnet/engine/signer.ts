import { type AccountRoot, type SignerList } from "./entry.ts";
import { readAccount, readEntry } from "./draft.ts";
import { signerListKey } from "./keys.ts";
import { addressOfKey, keyType } from "./public-key.ts";
import { type Result } from "./results.ts";
import { type StateTree } from "./state-tree.ts";
import { type SignerJson, type TransactionJson } from "./transaction.ts";
import { hasFlag } from "./transaction.ts";
import { accountFlag } from "./transactions/account-flags.ts";
import { compareAccounts } from "./account-order.ts";

export function isSignedByMaster({ SigningPubKey, Account }: TransactionJson): boolean {
  return keyType(SigningPubKey) !== undefined && addressOfKey(SigningPubKey) === Account;
}

/** May these keys sign for the account? The signatures themselves are checked before. */
export function checkSigner(state: StateTree, json: TransactionJson, account: AccountRoot): Result {
  if (json.SigningPubKey === "") return checkMultiSigners(state, json);
  if (!keyType(json.SigningPubKey)) return "tefBAD_AUTH";
  const signer = addressOfKey(json.SigningPubKey);
  if (account.RegularKey === signer) return "tesSUCCESS";
  if (signer !== account.Account) return "tefBAD_AUTH";
  return hasFlag(account.Flags, accountFlag.disableMaster) ? "tefMASTER_DISABLED" : "tesSUCCESS";
}

function checkMultiSigners(state: StateTree, json: TransactionJson): Result {
  const list = readEntry(state, signerListKey(json.Account)) as SignerList | undefined;
  if (!list) return "tefNOT_MULTI_SIGNING";
  const weights = new Map(list.SignerEntries.map(({ SignerEntry }) => [SignerEntry.Account, SignerEntry.SignerWeight]));
  const signers = (json.Signers ?? []).toSorted((a, b) => compareAccounts(a.Signer.Account, b.Signer.Account));
  let weight = 0;
  for (const { Signer } of signers) {
    const own = weights.get(Signer.Account);
    if (own === undefined) return "tefBAD_SIGNATURE";
    const refusal = checkMultiSigner(state, Signer);
    if (refusal !== "tesSUCCESS") return refusal;
    weight += own;
  }
  return weight < list.SignerQuorum ? "tefBAD_QUORUM" : "tesSUCCESS";
}

/** A signer signs with its master key, also when its account does not exist, or with its regular key. */
function checkMultiSigner(state: StateTree, { Account, SigningPubKey }: SignerJson["Signer"]): Result {
  if (!keyType(SigningPubKey)) return "tefBAD_SIGNATURE";
  const account = readAccount(state, Account);
  const keyAddress = addressOfKey(SigningPubKey);
  if (keyAddress !== Account) return account?.RegularKey === keyAddress ? "tesSUCCESS" : "tefBAD_SIGNATURE";
  return account && hasFlag(account.Flags, accountFlag.disableMaster) ? "tefMASTER_DISABLED" : "tesSUCCESS";
}
