import { isAddress } from "../../../core/xrpl/address.ts";
import { type Engine } from "../../engine.ts";
import { type Call, type Method } from "../call.ts";
import { fault, invalidField, invalidParams, missingField } from "../fault.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { chooseLedger, namesLedger } from "../ledger-choice.ts";
import { closeTimeOf, isoTime } from "../ledger-json.ts";
import { booleanField, isTruthy, isUint32, limitField } from "../parameters.ts";
import { ctidOf, metaJson, transactionJson, upperHex } from "../transaction-json.ts";

interface Marker {
  readonly ledger: number;
  readonly seq: number;
}

type Held = ReturnType<Engine["accountTransactions"]>[number];

export const accountTx: Method = (call) => {
  const { params } = call;
  const { engine } = call.server;
  if (params["account"] === undefined) throw missingField("account");
  const limit = limitField(call, { least: 10, usual: 200, most: 400 });
  const { account } = params;
  if (!isAddress(account)) throw typeof account === "string" ? fault("actMalformed") : invalidField("account");
  const marker = markerOf(params["marker"]);
  const range = rangeOf(call);
  const forward = flag(call, "forward");
  const inRange = engine
    .accountTransactions(account)
    .filter(({ ledgerIndex }) => ledgerIndex >= range.min && ledgerIndex <= range.max);
  const ordered = forward ? inRange : inRange.toReversed();
  const from = marker === undefined ? 0 : ordered.findIndex((held) => isAtOrPast(held, marker, forward));
  const rest = from === -1 ? [] : ordered.slice(from);
  const next = rest[limit];
  return {
    account,
    ledger_index_min: range.min,
    ledger_index_max: range.max,
    limit,
    ...(next && { marker: { ledger: next.ledgerIndex, seq: next.index } }),
    transactions: rest.slice(0, limit).map((held) => entryJson(call, held)),
    validated: true,
  };
};

function markerOf(value: unknown): Marker | undefined {
  if (value === undefined) return undefined;
  if (isJsonObject(value) && isUint32(value["ledger"]) && isUint32(value["seq"])) {
    return { ledger: value["ledger"], seq: value["seq"] };
  }
  throw invalidParams(
    "invalid marker. Provide ledger index via ledger field, and transaction sequence number via seq field",
  );
}

function isAtOrPast(held: Held, marker: Marker, forward: boolean): boolean {
  if (held.ledgerIndex !== marker.ledger) return held.ledgerIndex > marker.ledger === forward;
  return forward ? held.index >= marker.seq : held.index <= marker.seq;
}

function rangeOf({ server: { engine }, params, apiVersion }: Call): { min: number; max: number } {
  const first = engine.firstIndex();
  const last = engine.last().index;
  const wantsRange = params["ledger_index_min"] !== undefined || params["ledger_index_max"] !== undefined;
  if (!wantsRange) {
    if (!namesLedger(params)) return { min: first, max: last };
    const { closed } = chooseLedger(engine, params);
    if (closed === undefined) throw fault("lgrNotValidated");
    return { min: closed.index, max: closed.index };
  }
  if (apiVersion > 1 && namesLedger(params)) throw invalidParams("invalidParams");
  const asked = { min: bound(params, "ledger_index_min", 0), max: bound(params, "ledger_index_max", 0xffffffff) };
  if (apiVersion > 1 && (asked.min > last || asked.max < first)) throw fault("lgrIdxMalformed");
  const range = { min: Math.max(asked.min, first), max: Math.min(asked.max, last) };
  if (range.max < range.min) throw fault(apiVersion === 1 ? "lgrIdxsInvalid" : "invalidLgrRange");
  return range;
}

/** A negative bound means as far as there is. */
function bound(params: JsonObject, name: string, open: number): number {
  const value = params[name];
  if (value === undefined) return open;
  if (!Number.isInteger(value)) throw invalidField(name, "not integer");
  return (value as number) < 0 ? open : (value as number);
}

/** Version 2 takes booleans alone. */
function flag({ params, apiVersion }: Call, name: string): boolean {
  return apiVersion > 1 ? booleanField(params, name) : isTruthy(params[name]);
}

function entryJson(call: Call, held: Held): JsonObject {
  const { apiVersion } = call;
  const { engine } = call.server;
  const { ledgerIndex, index, hash, blob, meta } = held;
  if (flag(call, "binary")) {
    const metaField = apiVersion === 1 ? "meta" : "meta_blob";
    return { ledger_index: ledgerIndex, [metaField]: upperHex(meta), tx_blob: upperHex(blob), validated: true };
  }
  const ledger = engine.closedByIndex(ledgerIndex);
  const closeTime = ledger === undefined ? 0 : closeTimeOf(ledger);
  const ctid = ctidOf(ledgerIndex, index, engine.config.networkId);
  const transaction: JsonObject = {
    ...transactionJson(blob, apiVersion),
    ...(ctid === undefined ? {} : { ctid }),
    date: closeTime,
    ledger_index: ledgerIndex,
  };
  const shown = { meta: metaJson(meta, blob), validated: true };
  if (apiVersion === 1) return { ...shown, tx: { ...transaction, hash, inLedger: ledgerIndex } };
  return {
    ...shown,
    tx_json: transaction,
    hash,
    ledger_hash: ledger?.hash,
    ledger_index: ledgerIndex,
    close_time_iso: isoTime(closeTime),
  };
}
