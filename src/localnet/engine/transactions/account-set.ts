import { type AccountRoot, type DirectoryNode } from "../entry.ts";
import { readEntry } from "../draft.ts";
import { ownerDirectoryKey, signerListKey } from "../keys.ts";
import { isOwnerDirectoryEmpty } from "../directory.ts";
import { keyType } from "../public-key.ts";
import { type Result } from "../results.ts";
import { isSignedByMaster } from "../signer.ts";
import { hasFlag, type TransactionJson } from "../transaction.ts";
import { type ApplyContext, type ClaimContext, type TransactionType } from "../transaction-type.ts";
import { accountFlag } from "./account-flags.ts";

/** Values of `SetFlag` and `ClearFlag` (rippled `TxFlags.h`, `asf*`). */
const asf = {
  requireDest: 1,
  requireAuth: 2,
  disallowXrp: 3,
  disableMaster: 4,
  accountTxnId: 5,
  noFreeze: 6,
  globalFreeze: 7,
  defaultRipple: 8,
  depositAuth: 9,
  authorizedMinter: 10,
  allowTrustLineClawback: 16,
} as const;

/** Older spelling of three settings as transaction flags. */
const tf = {
  requireDestTag: 0x0001_0000,
  optionalDestTag: 0x0002_0000,
  requireAuth: 0x0004_0000,
  optionalAuth: 0x0008_0000,
  disallowXrp: 0x0010_0000,
  allowXrp: 0x0020_0000,
} as const;

/** Settings with both spellings: number, bit to set, bit to clear, bit of the account. */
const twice = [
  [asf.requireAuth, tf.requireAuth, tf.optionalAuth, accountFlag.requireAuth],
  [asf.requireDest, tf.requireDestTag, tf.optionalDestTag, accountFlag.requireDestTag],
  [asf.disallowXrp, tf.disallowXrp, tf.allowXrp, accountFlag.disallowXrp],
] as const;

/** Settings that only switch a bit of the account. */
const plain: Readonly<Record<number, number>> = {
  [asf.defaultRipple]: accountFlag.defaultRipple,
  [asf.depositAuth]: accountFlag.depositAuth,
  12: accountFlag.disallowIncomingNFTokenOffer,
  13: accountFlag.disallowIncomingCheck,
  14: accountFlag.disallowIncomingPayChan,
  15: accountFlag.disallowIncomingTrustline,
  17: accountFlag.allowTrustLineLocking,
};

const rateOfOne = 1_000_000_000;

/** Settings of an account; without any it only carries its memos. */
export const accountSet: TransactionType = {
  required: [],
  optional: [
    "EmailHash",
    "WalletLocator",
    "WalletSize",
    "MessageKey",
    "Domain",
    "SetFlag",
    "TransferRate",
    "ClearFlag",
    "TickSize",
    "NFTokenMinter",
  ],
  flags: Object.values(tf).reduce<number>((all, bit) => all | bit, 0),
  preflight,
  preclaim,
  apply,
  isBlocker: ({ Flags, SetFlag, ClearFlag }) => {
    const numbers: readonly (number | undefined)[] = [asf.requireAuth, asf.disableMaster, asf.accountTxnId];
    return (
      hasFlag(Flags, tf.requireAuth | tf.optionalAuth) ||
      numbers.includes(SetFlag ?? 0) ||
      numbers.includes(ClearFlag ?? 0)
    );
  },
};

function preflight(json: TransactionJson): Result {
  const flags = flagFault(json);
  return flags === "tesSUCCESS" ? fieldFault(json) : flags;
}

function flagFault({ SetFlag = 0, ClearFlag = 0, Flags }: TransactionJson): Result {
  if (SetFlag !== 0 && SetFlag === ClearFlag) return "temINVALID_FLAG";
  for (const [number, setBit, clearBit] of twice) {
    const sets = hasFlag(Flags, setBit) || SetFlag === number;
    if (sets && (hasFlag(Flags, clearBit) || ClearFlag === number)) return "temINVALID_FLAG";
  }
  return "tesSUCCESS";
}

function fieldFault(json: TransactionJson): Result {
  const { TransferRate = 0, TickSize = 0, MessageKey = "", Domain = "" } = json;
  if (TransferRate !== 0 && (TransferRate < rateOfOne || TransferRate > 2 * rateOfOne)) return "temBAD_TRANSFER_RATE";
  if (TickSize !== 0 && (TickSize < 3 || TickSize > 16)) return "temBAD_TICK_SIZE";
  if (MessageKey !== "" && !keyType(MessageKey)) return "telBAD_PUBLIC_KEY";
  if (Domain.length > 2 * 256) return "telBAD_DOMAIN";
  const hasMinter = json.NFTokenMinter !== undefined;
  const isWrong = hasMinter ? json.ClearFlag === asf.authorizedMinter : json.SetFlag === asf.authorizedMinter;
  return isWrong ? "temMALFORMED" : "tesSUCCESS";
}

function preclaim({ Flags, SetFlag }: TransactionJson, { state, account, mayRetry }: ClaimContext): Result {
  const ownsNothing = (): boolean =>
    isOwnerDirectoryEmpty(readEntry(state, ownerDirectoryKey(account.Account)) as DirectoryNode | undefined);
  const setsAuth = hasFlag(Flags, tf.requireAuth) || SetFlag === asf.requireAuth;
  if (setsAuth && !hasFlag(account.Flags, accountFlag.requireAuth) && !ownsNothing())
    return mayRetry ? "terOWNERS" : "tecOWNERS";
  if (SetFlag === asf.allowTrustLineClawback) {
    if (hasFlag(account.Flags, accountFlag.noFreeze)) return "tecNO_PERMISSION";
    if (!ownsNothing()) return "tecOWNERS";
  }
  const clawback = hasFlag(account.Flags, accountFlag.allowTrustLineClawback);
  return SetFlag === asf.noFreeze && clawback ? "tecNO_PERMISSION" : "tesSUCCESS";
}

function apply(context: ApplyContext): Result {
  const { transaction, account } = context;
  const { json } = transaction;
  const bits = new Set(Object.values(accountFlag).filter((bit) => hasFlag(account.Flags, bit)));
  switchPlainFlags(json, bits);
  const guarded = switchGuardedFlags(context, bits);
  if (guarded !== "tesSUCCESS") return guarded;
  account.Flags = [...bits].reduce<number>((sum, bit) => sum + bit, 0);
  setFields(json, account);
  return "tesSUCCESS";
}

/** Settings that not every key may change, or that depend on each other. */
function switchGuardedFlags({ transaction: { json }, workspace, account }: ApplyContext, bits: Set<number>): Result {
  const { SetFlag = 0, ClearFlag = 0 } = json;
  const wasDisabled = bits.has(accountFlag.disableMaster);
  if (SetFlag === asf.disableMaster && !wasDisabled) {
    if (!isSignedByMaster(json)) return "tecNEED_MASTER_KEY";
    const hasOther = account.RegularKey !== undefined || workspace.has(signerListKey(account.Account));
    if (!hasOther) return "tecNO_ALTERNATIVE_KEY";
    bits.add(accountFlag.disableMaster);
  }
  if (ClearFlag === asf.disableMaster) bits.delete(accountFlag.disableMaster);
  if (SetFlag === asf.noFreeze) {
    if (!isSignedByMaster(json) && !wasDisabled) return "tecNEED_MASTER_KEY";
    bits.add(accountFlag.noFreeze);
  }
  if (SetFlag === asf.globalFreeze) bits.add(accountFlag.globalFreeze);
  else if (ClearFlag === asf.globalFreeze && !bits.has(accountFlag.noFreeze)) bits.delete(accountFlag.globalFreeze);
  if (SetFlag === asf.allowTrustLineClawback) bits.add(accountFlag.allowTrustLineClawback);
  return "tesSUCCESS";
}

function switchPlainFlags({ Flags, SetFlag = 0, ClearFlag = 0 }: TransactionJson, bits: Set<number>): void {
  for (const [number, setBit, clearBit, bit] of twice) {
    if (hasFlag(Flags, setBit) || SetFlag === number) bits.add(bit);
    if (hasFlag(Flags, clearBit) || ClearFlag === number) bits.delete(bit);
  }
  const sets = plain[SetFlag];
  const clears = plain[ClearFlag];
  if (sets !== undefined) bits.add(sets);
  if (clears !== undefined) bits.delete(clears);
}

/** Values that take a field away instead of setting it. */
const clearing = {
  EmailHash: (value: string | number) => /^0*$/.test(String(value)),
  WalletLocator: (value: string | number) => /^0+$/.test(String(value)),
  MessageKey: (value: string | number) => value === "",
  Domain: (value: string | number) => value === "",
  TransferRate: (value: string | number) => value === 0 || value === rateOfOne,
  TickSize: (value: string | number) => value === 0 || value === 16,
} as const;

function setFields(json: TransactionJson, account: AccountRoot): void {
  for (const [name, clears] of Object.entries(clearing)) {
    const field = name as keyof typeof clearing;
    const value = json[field];
    if (value === undefined) continue;
    if (clears(value)) delete account[field];
    else Object.assign(account, { [field]: value });
  }
  if (json.SetFlag === asf.accountTxnId) account.AccountTxnID ??= "0".repeat(64);
  if (json.ClearFlag === asf.accountTxnId) delete account.AccountTxnID;
  if (json.SetFlag === asf.authorizedMinter) Object.assign(account, { NFTokenMinter: json.NFTokenMinter });
  if (json.ClearFlag === asf.authorizedMinter) delete account.NFTokenMinter;
}
