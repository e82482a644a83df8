import { compareAccounts } from "../account-order.ts";
import { addToOwnerDirectory, removeFromOwnerDirectory } from "../directory.ts";
import { reserveDrops } from "../draft.ts";
import { type SignerList, u64Hex, unthreaded } from "../entry.ts";
import { signerListKey } from "../keys.ts";
import { type Result } from "../results.ts";
import { hasFlag, type TransactionJson } from "../transaction.ts";
import { type ApplyContext, type TransactionType } from "../transaction-type.ts";
import { accountFlag } from "./account-flags.ts";

/** The list counts as one owned entry, however long it is. */
const oneOwnerCount = 0x0001_0000;
const maxSigners = 32;

/** Names the accounts that may sign together, or takes the list away. */
export const signerListSet: TransactionType = {
  required: ["SignerQuorum"],
  optional: ["SignerEntries"],
  flags: 0,
  preflight,
  apply: (context) => (context.transaction.json.SignerQuorum === 0 ? destroyList(context) : replaceList(context)),
  isBlocker: () => true,
};

function preflight({ Account, SignerQuorum = 0, SignerEntries }: TransactionJson): Result {
  if (SignerQuorum === 0) return SignerEntries ? "temMALFORMED" : "tesSUCCESS";
  if (!SignerEntries || SignerEntries.length === 0 || SignerEntries.length > maxSigners) return "temMALFORMED";
  const signers = SignerEntries.map(({ SignerEntry }) => SignerEntry);
  if (new Set(signers.map((signer) => signer.Account)).size < signers.length) return "temBAD_SIGNER";
  let weight = 0;
  for (const signer of signers.toSorted((a, b) => compareAccounts(a.Account, b.Account))) {
    if (signer.SignerWeight === 0) return "temBAD_WEIGHT";
    if (signer.Account === Account) return "temBAD_SIGNER";
    weight += signer.SignerWeight;
  }
  return weight < SignerQuorum ? "temBAD_QUORUM" : "tesSUCCESS";
}

function replaceList(context: ApplyContext): Result {
  const { config, transaction, workspace, account, priorDrops } = context;
  removeList(context);
  if (priorDrops < reserveDrops(config, account.OwnerCount + 1)) return "tecINSUFFICIENT_RESERVE";
  const key = signerListKey(account.Account);
  const entries = (transaction.json.SignerEntries ?? []).toSorted((a, b) =>
    compareAccounts(a.SignerEntry.Account, b.SignerEntry.Account),
  );
  const list: SignerList = {
    LedgerEntryType: "SignerList",
    Flags: oneOwnerCount,
    Owner: account.Account,
    SignerQuorum: transaction.json.SignerQuorum ?? 0,
    SignerListID: 0,
    SignerEntries: entries,
    OwnerNode: u64Hex(addToOwnerDirectory(workspace, account.Account, key)),
    ...unthreaded,
  };
  workspace.insert(key, list);
  account.OwnerCount += 1;
  return "tesSUCCESS";
}

function destroyList(context: ApplyContext): Result {
  const { account } = context;
  const hasOther = !hasFlag(account.Flags, accountFlag.disableMaster) || account.RegularKey !== undefined;
  if (!hasOther) return "tecNO_ALTERNATIVE_KEY";
  removeList(context);
  return "tesSUCCESS";
}

function removeList({ workspace, account }: ApplyContext): void {
  const key = signerListKey(account.Account);
  const list = workspace.peek(key) as SignerList | undefined;
  if (!list) return;
  const pageNumber = Number.parseInt(list.OwnerNode, 16);
  removeFromOwnerDirectory(workspace, account.Account, { key, pageNumber, keepRoot: false });
  account.OwnerCount -= 1;
  workspace.erase(key);
}
