import { fromHex } from "../../../core/bytes.ts";
import { type SubmitOutcome } from "../../engine.ts";
import { type Call, type Method } from "../call.ts";
import { bareFault, invalidField, invalidParams, missingField } from "../fault.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { serialised, signedAnswer, signersOf, signRequested, sourceOf, txJsonOf } from "../sign-transaction.ts";
import { decodeObject, upperHex } from "../transaction-json.ts";
import { signing } from "./sign.ts";
import { placeOf } from "./tx.ts";

const deprecated =
  "Signing support in the 'submit' command has been deprecated and will be removed in a future version of the server. Please migrate to a standalone signing tool.";

export const submit: Method = (call) => {
  const { params } = call;
  if (params["tx_blob"] === undefined) return signing(call, deprecated, () => signAndSubmit(call));
  const failHard = params["fail_hard"];
  if (failHard !== undefined && typeof failHard !== "boolean") throw invalidField("fail_hard", "not boolean");
  const { engine } = call.server;
  const blob = blobOf(params["tx_blob"]);
  const outcome = submitted(call, blob);
  const seen = engine.transaction(outcome.hash);
  return {
    ...engineWords(outcome),
    accepted: outcome.accepted,
    account_sequence_available: outcome.accountSequenceAvailable,
    account_sequence_next: outcome.accountSequenceNext,
    applied: outcome.applied,
    broadcast: outcome.broadcast,
    kept: outcome.kept,
    open_ledger_cost: String(outcome.openLedgerCostDrops),
    queued: outcome.queued,
    tx_blob: upperHex(blob),
    tx_json: { ...decodeObject(blob), hash: outcome.hash, ...(seen && placeOf(engine, seen)) },
    validated_ledger_index: outcome.validatedLedgerIndex,
  };
};

export const submitMultisigned: Method = (call) => {
  const { params } = call;
  if (params["tx_json"] === undefined) throw missingField("tx_json");
  if (!isJsonObject(params["tx_json"])) throw invalidField("tx_json", "not object");
  const transaction = txJsonOf(params, true);
  sourceOf(transaction);
  if (transaction["Fee"] === undefined) throw missingField("tx_json.Fee");
  if (transaction["SigningPubKey"] !== "") throw invalidField("tx_json.SigningPubKey");
  if (transaction["TxnSignature"] !== undefined) throw invalidField("tx_json.TxnSignature");
  if (transaction["Signers"] === undefined) throw missingField("tx_json.Signers");
  if (signersOf(transaction).length === 0) throw invalidParams("tx_json.Signers array may not be empty.");
  const signed = serialised(transaction);
  const outcome = submitted(call, signed.blob);
  return { ...engineWords(outcome), ...signedAnswer({ ...signed, json: decodeObject(signed.blob) }, call) };
};

function signAndSubmit(call: Call): JsonObject {
  const signed = signRequested(call);
  const outcome = submitted(call, signed.blob);
  return { ...engineWords(outcome), ...signedAnswer(signed, call) };
}

function submitted({ server: { engine }, params }: Call, blob: Uint8Array): SubmitOutcome {
  const outcome = engine.submit(blob, { failHard: params["fail_hard"] === true });
  if ("refused" in outcome) throw bareFault("invalidTransaction", { error_exception: outcome.refused });
  return outcome;
}

function engineWords(outcome: SubmitOutcome): JsonObject {
  return {
    engine_result: outcome.engineResult,
    engine_result_code: outcome.engineResultCode,
    engine_result_message: outcome.engineResultMessage,
  };
}

/** rippled reads a number as its digits, and an odd digit as a byte of its own. */
function blobOf(value: unknown): Uint8Array {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^[0-9a-fA-F]+$/.test(text)) throw invalidParams();
  return fromHex(text.length % 2 === 0 ? text : `0${text}`);
}
