import { type AccountRoot, unthreaded } from "../entry.ts";
import { readAccount, reserveDrops } from "../draft.ts";
import { accountKey } from "../keys.ts";
import { type Result } from "../results.ts";
import { hasFlag, type TransactionJson } from "../transaction.ts";
import { type ApplyContext, type ClaimContext, type TransactionType } from "../transaction-type.ts";
import { accountFlag } from "./account-flags.ts";

const noRippleDirect = 0x0001_0000;
const partialPayment = 0x0002_0000;
const limitQuality = 0x0004_0000;

/** XRP from one account to another, which it creates if there is none. Issued money has nobody to flow through here. */
export const payment: TransactionType = {
  required: ["Destination", "Amount"],
  optional: ["SendMax", "Paths", "InvoiceID", "DestinationTag", "DeliverMin", "CredentialIDs", "DomainID"],
  flags: noRippleDirect | partialPayment | limitQuality,
  preflight,
  preclaim,
  apply,
  potentialSpend: ({ Amount }) => (typeof Amount === "string" ? BigInt(Amount) : 0n),
};

function preflight(json: TransactionJson): Result {
  const { Amount } = json;
  const isXrp = typeof Amount === "string";
  if (isXrp ? BigInt(Amount) <= 0n : !(Number(Amount?.["value"]) > 0)) return "temBAD_AMOUNT";
  if (isXrp && json.Account === json.Destination && json.Paths === undefined) return "temREDUNDANT";
  const misplaced = isXrp ? misplacedForXrp(json) : undefined;
  if (misplaced) return misplaced;
  const isPartial = hasFlag(json.Flags, partialPayment);
  return json.DeliverMin !== undefined && !isPartial ? "temBAD_AMOUNT" : "tesSUCCESS";
}

/** What only makes sense where money is exchanged on its way. */
function misplacedForXrp({ SendMax, Paths, Flags }: TransactionJson): Result | undefined {
  if (SendMax !== undefined) return "temBAD_SEND_XRP_MAX";
  if (Paths !== undefined) return "temBAD_SEND_XRP_PATHS";
  if (hasFlag(Flags, partialPayment)) return "temBAD_SEND_XRP_PARTIAL";
  if (hasFlag(Flags, limitQuality)) return "temBAD_SEND_XRP_LIMIT";
  return hasFlag(Flags, noRippleDirect) ? "temBAD_SEND_XRP_NO_DIRECT" : undefined;
}

function preclaim(json: TransactionJson, { config, state, isOpen }: ClaimContext): Result {
  const destination = readAccount(state, json.Destination ?? "");
  if (!destination) {
    if (typeof json.Amount !== "string") return "tecNO_DST";
    if (isOpen && hasFlag(json.Flags, partialPayment)) return "telNO_DST_PARTIAL";
    if (BigInt(json.Amount) < reserveDrops(config, 0)) return "tecNO_DST_INSUF_XRP";
  } else if (hasFlag(destination.Flags, accountFlag.requireDestTag) && json.DestinationTag === undefined) {
    return "tecDST_TAG_NEEDED";
  }
  return json.CredentialIDs === undefined ? "tesSUCCESS" : "tecBAD_CREDENTIALS";
}

function apply({ config, transaction, workspace, account, priorDrops, ledgerIndex }: ApplyContext): Result {
  const { json, feeDrops } = transaction;
  const address = json.Destination ?? "";
  const key = accountKey(address);
  const known = workspace.peek(key) as AccountRoot | undefined;
  const destination: AccountRoot = known ?? {
    LedgerEntryType: "AccountRoot",
    Flags: 0,
    Account: address,
    Balance: "0",
    Sequence: ledgerIndex,
    OwnerCount: 0,
    ...unthreaded,
  };
  if (!known) workspace.insert(key, destination);
  if (typeof json.Amount !== "string") return "tecPATH_DRY";
  const amount = BigInt(json.Amount);
  const reserve = reserveDrops(config, account.OwnerCount);
  // The fee may come out of the reserve, the payment may not.
  if (priorDrops < amount + (reserve > feeDrops ? reserve : feeDrops)) return "tecUNFUNDED_PAYMENT";
  // An account that takes no deposits still takes what lifts it to its reserve, or it could be stuck for ever.
  const baseReserve = reserveDrops(config, 0);
  const isSmall = amount <= baseReserve && BigInt(destination.Balance) <= baseReserve;
  if (hasFlag(destination.Flags, accountFlag.depositAuth) && !isSmall) return "tecNO_PERMISSION";
  account.Balance = String(BigInt(account.Balance) - amount);
  destination.Balance = String(BigInt(destination.Balance) + amount);
  // Being paid arms the free key reset again.
  if (hasFlag(destination.Flags, accountFlag.passwordSpent)) destination.Flags -= accountFlag.passwordSpent;
  return "tesSUCCESS";
}
