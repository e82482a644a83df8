import { type ClosedLedger, type ClosedTransaction, type SeenTransaction, type SubmitOutcome } from "../engine.ts";
import { type Result, resultCode, resultMessage } from "../engine/results.ts";
import { type ApiVersion, type ServerState } from "./call.ts";
import { type JsonObject } from "./json.ts";
import { closeTimeOf, isoTime } from "./ledger-json.ts";
import { completeLedgers, loadFactors } from "./methods/server-info.ts";
import { nodePublicText } from "./signing-keys.ts";
import { ctidOf, metaJson, transactionJson, upperHex } from "./transaction-json.ts";
import { type SentValidation } from "../validators/sent-validation.ts";
import { type HeldManifest } from "../validators/validator-set.ts";
import { parseXrplManifest } from "../../core/xrpl/xrpl-manifest.ts";

/** What the answer to `subscribe` and the `ledgerClosed` frame both say of the last ledger. */
export function ledgerFacts(server: ServerState): JsonObject {
  const { config } = server.engine;
  const last = server.engine.last();
  return {
    fee_base: config.baseFeeDrops,
    ledger_hash: last.hash,
    ledger_index: last.index,
    ledger_time: closeTimeOf(last),
    network_id: config.networkId,
    reserve_base: config.reserveBaseDrops,
    reserve_inc: config.reserveIncrementDrops,
    validated_ledgers: completeLedgers(server),
  };
}

export function ledgerClosedFrame(server: ServerState, ledger: ClosedLedger): JsonObject {
  return { type: "ledgerClosed", ...ledgerFacts(server), txn_count: ledger.transactions.length };
}

export function serverStatusFrame(server: ServerState): JsonObject {
  const { baseFeeDrops } = server.engine.config;
  return { type: "serverStatus", base_fee: baseFeeDrops, ...loadFactors(server), server_status: "full" };
}

/** A transaction of a closed ledger, as the streams show it. */
export function closedFrame(
  ledger: ClosedLedger,
  held: ClosedTransaction,
  networkId: number,
  apiVersion: ApiVersion,
): JsonObject {
  const closeTime = closeTimeOf(ledger);
  const meta = metaJson(held.meta, held.blob);
  const result = meta["TransactionResult"] as Result;
  const ctid = ctidOf(ledger.index, held.index, networkId);
  return {
    type: "transaction",
    status: "closed",
    validated: true,
    engine_result: result,
    engine_result_code: resultCode(result),
    engine_result_message: resultMessage(result),
    close_time_iso: isoTime(closeTime),
    ...(ctid === undefined ? {} : { ctid }),
    ledger_hash: ledger.hash,
    ledger_index: ledger.index,
    meta,
    ...shownTransaction(held, apiVersion, { date: closeTime }),
  };
}

/** A transaction just applied to the open ledger. */
export function proposedFrame(
  seen: SeenTransaction,
  outcome: SubmitOutcome,
  openIndex: number,
  apiVersion: ApiVersion,
): JsonObject {
  return {
    type: "transaction",
    status: "proposed",
    validated: false,
    engine_result: outcome.engineResult,
    engine_result_code: outcome.engineResultCode,
    engine_result_message: outcome.engineResultMessage,
    ledger_current_index: openIndex,
    ...shownTransaction(seen, apiVersion, {}),
  };
}

function shownTransaction(
  { blob, hash }: { blob: Uint8Array; hash: string },
  apiVersion: ApiVersion,
  more: JsonObject,
): JsonObject {
  const transaction = { ...transactionJson(blob, apiVersion), ...more };
  return apiVersion === 1 ? { transaction: { ...transaction, hash } } : { tx_json: transaction, hash };
}

/** A validation as it comes in. */
export function validationFrame(
  { engine }: ServerState,
  { hash, index }: ClosedLedger,
  { data, flags, signature, cookie, signingTimeRippleS, validatedHash, signingKey, masterKey }: SentValidation,
  apiVersion: ApiVersion,
): JsonObject {
  return {
    type: "validationReceived",
    cookie: String(cookie),
    data: upperHex(data),
    flags,
    full: (flags & 1) === 1,
    ledger_hash: hash,
    ledger_index: apiVersion === 1 ? String(index) : index,
    master_key: nodePublicText(masterKey),
    network_id: engine.config.networkId,
    signature: upperHex(signature),
    signing_time: signingTimeRippleS,
    validated_hash: upperHex(validatedHash),
    validation_public_key: nodePublicText(signingKey),
  };
}

/** A manifest as it comes in. A revocation has no signing key and bears the master key's signature alone. */
export function manifestFrame({ bytes, sequence, masterKey, signingKey }: HeldManifest): JsonObject {
  const { masterSignature, signature } = parseXrplManifest(bytes);
  return {
    type: "manifestReceived",
    manifest: upperHex(bytes),
    master_key: nodePublicText(masterKey),
    master_signature: upperHex(masterSignature),
    seq: sequence,
    ...(signature ? { signature: upperHex(signature) } : {}),
    ...(signingKey ? { signing_key: nodePublicText(signingKey) } : {}),
  };
}
