import { encode, encodeForMultisigning, encodeForSigning } from "ripple-binary-codec";
import { sign } from "ripple-keypairs";

import { fromHex } from "../../core/bytes.ts";
import { isAddress, parseAddress } from "../../core/xrpl/address.ts";
import { transactionId } from "../../core/xrpl/transaction-id.ts";
import { accountKey } from "../engine/keys.ts";
import { type Call } from "./call.ts";
import { bareFault, fault, invalidField, missingField } from "./fault.ts";
import { openLedgerFeeDrops } from "./fees.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { requestedKey, type SigningKey } from "./signing-keys.ts";
import { entryJson } from "./state-json.ts";
import { upperHex, withDeliverMax } from "./transaction-json.ts";

const disableMasterFlag = 0x00100000;
/** Base fees a fee filled in by the server may have (`fee_mult_max`). */
const maxFeeTimes = 10n;

export interface SignedTransaction {
  readonly json: JsonObject;
  readonly blob: Uint8Array;
}

/** `sign`: completes `tx_json` (Fee, Sequence, NetworkID) and signs it with the key the request names. */
export function signRequested(call: Call): SignedTransaction {
  const { params } = call;
  const key = requestedKey(params);
  const offline = params["offline"] === true;
  const transaction = txJsonOf(params, offline);
  const address = sourceOf(transaction);
  const account = entryJson(call.server.engine.open().state, accountKey(address));
  if (account === undefined && !offline) throw fault("srcActNotFound");
  const complete = offline ? transaction : completed(call, transaction, nextSequence(call, address, account));
  if (!isKeyOf(address, key, account)) throw fault("badSecret");
  const json: JsonObject = { ...complete, SigningPubKey: key.publicKey };
  const signature = guarded(() => sign(encodeForSigning(json), key.privateKey));
  return serialised({ ...json, TxnSignature: signature });
}

/** `sign_for`: adds one signature to the `Signers` of `tx_json`. */
export function signFor(call: Call): SignedTransaction {
  const { params } = call;
  const { account } = params;
  if (account === undefined) throw missingField("account");
  if (!isAddress(account)) throw fault("srcActMalformed", "Invalid field 'account'.");
  const key = requestedKey(params);
  const transaction = txJsonOf(params, true);
  sourceOf(transaction);
  if (transaction["SigningPubKey"] !== "") throw invalidField("tx_json.SigningPubKey");
  const signer = entryJson(call.server.engine.open().state, accountKey(account));
  if (!isKeyOf(account, key, signer)) throw fault("badSecret");
  const signature = guarded(() => sign(encodeForMultisigning(transaction, account), key.privateKey));
  const added = { Signer: { Account: account, SigningPubKey: key.publicKey, TxnSignature: signature } };
  const others = signersOf(transaction).filter(({ Signer }) => Signer.Account !== account);
  return serialised({ ...transaction, Signers: [...others, added].toSorted(byAccountId) });
}

interface SignerEntry {
  readonly Signer: { readonly Account: string; readonly SigningPubKey?: string; readonly TxnSignature?: string };
}

/** The `Signers` of `tx_json`, empty where it has none. */
export function signersOf(transaction: JsonObject): readonly SignerEntry[] {
  const signers = transaction["Signers"] ?? [];
  if (!Array.isArray(signers)) throw invalidField("tx_json.Signers");
  for (const entry of signers as unknown[]) {
    const signer = isJsonObject(entry) ? entry["Signer"] : undefined;
    if (!isJsonObject(signer) || !isAddress(signer["Account"])) throw invalidField("tx_json.Signers");
  }
  return signers as SignerEntry[];
}

function byAccountId(a: SignerEntry, b: SignerEntry): number {
  return upperHex(parseAddress(a.Signer.Account)) < upperHex(parseAddress(b.Signer.Account)) ? -1 : 1;
}

/** The bytes of a complete transaction, and its JSON as this server shows it. */
export function serialised(json: JsonObject): SignedTransaction {
  const blob = guarded(() => fromHex(encode(json)));
  return { json, blob };
}

/** `tx_json` and `hash` of a signed transaction: inside it in version 1, beside it in version 2. */
export function signedAnswer({ json, blob }: SignedTransaction, { apiVersion }: Call): JsonObject {
  const hash = upperHex(transactionId(blob));
  const shown = withDeliverMax(json, apiVersion);
  const answer = { tx_blob: upperHex(blob) };
  return apiVersion === 1 ? { ...answer, tx_json: { ...shown, hash } } : { ...answer, tx_json: shown, hash };
}

/** The transaction a request carries as JSON; `complete`: it must bring its Sequence itself. */
export function txJsonOf(params: JsonObject, complete: boolean): JsonObject {
  const { tx_json: given } = params;
  if (given === undefined) throw missingField("tx_json");
  if (!isJsonObject(given)) throw invalidField("tx_json", "not object");
  if (given["TransactionType"] === undefined) throw missingField("tx_json.TransactionType");
  if (complete && given["Sequence"] === undefined && given["TicketSequence"] === undefined) {
    throw missingField("tx_json.Sequence");
  }
  const { DeliverMax: deliverMax, ...rest } = given;
  return deliverMax === undefined ? given : { ...rest, Amount: rest["Amount"] ?? deliverMax };
}

export function sourceOf(transaction: JsonObject): string {
  const { Account: account } = transaction;
  if (account === undefined) throw fault("srcActMissing", "Missing field 'tx_json.Account'.");
  if (!isAddress(account)) throw fault("srcActMalformed", "Invalid field 'tx_json.Account'.");
  return account;
}

function completed({ server: { engine } }: Call, transaction: JsonObject, sequence: number): JsonObject {
  const { baseFeeDrops, networkId } = engine.config;
  const feeDrops = openLedgerFeeDrops(engine);
  const most = maxFeeTimes * BigInt(baseFeeDrops);
  if (transaction["Fee"] === undefined && feeDrops > most) {
    throw fault("highFee", `Fee of ${feeDrops} exceeds the requested tx limit of ${most}`);
  }
  const usual: JsonObject = {
    Fee: String(feeDrops),
    Sequence: transaction["TicketSequence"] === undefined ? sequence : 0,
    ...(networkId > 1024 ? { NetworkID: networkId } : {}),
  };
  return { ...usual, ...transaction };
}

/** The first sequence that neither the open ledger nor a queued transaction has used. */
function nextSequence({ server: { engine } }: Call, address: string, account: JsonObject | undefined): number {
  const queued = new Set(engine.queued(address).map(({ sequence }) => sequence));
  let next = Number(account?.["Sequence"]);
  while (queued.has(next)) next += 1;
  return next;
}

function isKeyOf(address: string, key: SigningKey, account: JsonObject | undefined): boolean {
  if (key.address === account?.["RegularKey"]) return true;
  if (key.address !== address) return false;
  if ((Number(account?.["Flags"] ?? 0) & disableMasterFlag) !== 0) throw fault("masterDisabled");
  return true;
}

/** What the codec cannot encode is no transaction; its words tell why. */
function guarded<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw bareFault("invalidTransaction", { error_exception: error instanceof Error ? error.message : String(error) });
  }
}
