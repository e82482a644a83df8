import { type EngineConfig } from "../engine.ts";
import { type Draft, readAccount } from "./draft.ts";
import { type AccountRoot } from "./entry.ts";
import { baseFeeOf } from "./fee.ts";
import { genesisDrops } from "./genesis.ts";
import { ticketKey } from "./keys.ts";
import { keyType } from "./public-key.ts";
import { type Result } from "./results.ts";
import { checkSigner } from "./signer.ts";
import { hasFlag, type SeqProxy, type Transaction, type TransactionJson } from "./transaction.ts";
import { typeNamed } from "./transaction-types.ts";

/** `tfFullyCanonicalSig` and `tfInnerBatchTxn`. */
const universalFlags = 0xc000_0000;
const largestLegacyNetwork = 1024;

/** Judges a transaction by itself (rippled `preflight`). */
export function preflight(config: EngineConfig, { json, seq, feeDrops }: Transaction): Result {
  if (json.Delegate !== undefined) return "temDISABLED";
  const network = checkNetwork(config.networkId, json.NetworkID);
  if (network !== "tesSUCCESS") return network;
  const type = typeNamed(json.TransactionType);
  if (hasFlag(json.Flags, ~(universalFlags | type.flags))) return "temINVALID_FLAG";
  if (feeDrops < 0n || feeDrops > genesisDrops) return "temBAD_FEE";
  if (json.SigningPubKey !== "" && !keyType(json.SigningPubKey)) return "temBAD_SIGNATURE";
  // A ticket frees from order, AccountTxnID binds to it.
  if (seq.isTicket && json.AccountTxnID !== undefined) return "temINVALID";
  if (hasFlag(json.Flags, 0x4000_0000)) return "temINVALID_FLAG";
  return type.preflight(json);
}

function checkNetwork(own: number, stated: number | undefined): Result {
  if (own <= largestLegacyNetwork) return stated === undefined ? "tesSUCCESS" : "telNETWORK_ID_MAKES_TX_NON_CANONICAL";
  if (stated === undefined) return "telREQUIRES_NETWORK_ID";
  return stated === own ? "tesSUCCESS" : "telWRONG_NETWORK";
}

/** Judges a transaction by the ledger it would go into (rippled `preclaim`). */
export function preclaim(draft: Draft, transaction: Transaction, mayRetry: boolean): Result {
  const { config, state, isOpen } = draft;
  const { json } = transaction;
  const account = readAccount(state, json.Account);
  if (!account) return "terNO_ACCOUNT";
  const steps = [
    () => checkSequence(draft, transaction, account),
    () => checkPriorAndLast(draft, transaction, account),
    () => checkSigner(state, json, account),
    () => checkFee(draft, transaction, account),
    () =>
      typeNamed(json.TransactionType).preclaim?.(json, { config, state, isOpen, mayRetry, account }) ?? "tesSUCCESS",
  ];
  for (const step of steps) {
    const result = step();
    if (result !== "tesSUCCESS") return result;
  }
  return "tesSUCCESS";
}

function checkSequence({ state }: Draft, { json, seq }: Transaction, account: AccountRoot): Result {
  if (seq.isTicket) return checkTicket(state, account, seq);
  if (json.TicketSequence !== undefined) return "temSEQ_AND_TICKET";
  if (seq.value > account.Sequence) return "terPRE_SEQ";
  return seq.value < account.Sequence ? "tefPAST_SEQ" : "tesSUCCESS";
}

/** A ticket that may still come, that is there, or that never will be. */
export function checkTicket(state: Draft["state"], account: AccountRoot, seq: SeqProxy): Result {
  if (state.get(ticketKey(account.Account, seq.value))) return "tesSUCCESS";
  return seq.value >= account.Sequence ? "terPRE_TICKET" : "tefNO_TICKET";
}

function checkPriorAndLast(draft: Draft, { id, json }: Transaction, account: AccountRoot): Result {
  if (json.AccountTxnID !== undefined && !isPrior(json, account)) return "tefWRONG_PRIOR";
  if (json.LastLedgerSequence !== undefined && draft.index > json.LastLedgerSequence) return "tefMAX_LEDGER";
  return draft.applied.has(id) ? "tefALREADY" : "tesSUCCESS";
}

function isPrior({ AccountTxnID }: TransactionJson, account: AccountRoot): boolean {
  return AccountTxnID === (account.AccountTxnID ?? "0".repeat(64));
}

function checkFee({ config, isOpen }: Draft, transaction: Transaction, account: AccountRoot): Result {
  const { feeDrops } = transaction;
  if (isOpen && feeDrops < baseFeeOf(config, transaction, account)) return "telINSUF_FEE_P";
  const balance = BigInt(account.Balance);
  if (feeDrops === 0n || balance >= feeDrops) return "tesSUCCESS";
  return balance > 0n && !isOpen ? "tecINSUFF_FEE" : "terINSUF_FEE_B";
}
