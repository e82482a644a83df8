import { type Engine, type SeenTransaction } from "../../engine.ts";
import { type ApiVersion, type Method } from "../call.ts";
import { fault, invalidParams } from "../fault.ts";
import { type JsonObject } from "../json.ts";
import { closeTimeOf, isoTime } from "../ledger-json.ts";
import { hash256, isTruthy } from "../parameters.ts";
import { ctidOf, metaJson, parseCtid, transactionJson, upperHex } from "../transaction-json.ts";

const maxRange = 1000;

interface LedgerRange {
  readonly min: number;
  readonly max: number;
}

export const tx: Method = ({ server: { engine }, params, apiVersion }) => {
  const wanted = wantedTransaction(engine, params);
  const range = rangeOf(params);
  const seen = wanted.find();
  if (seen === undefined) {
    throw fault(
      "txnNotFound",
      undefined,
      range === undefined ? {} : { searched_all: allHoldTransactions(engine, range) },
    );
  }
  return isTruthy(params["binary"]) ? binaryAnswer(engine, seen, apiVersion) : jsonAnswer(engine, seen, apiVersion);
};

/** A transaction's place in a validated ledger, in the fields version 1 puts beside it. */
export function placeOf(engine: Engine, seen: SeenTransaction): JsonObject {
  if (seen.ledgerIndex === undefined) return {};
  const ctid = seen.index === undefined ? undefined : ctidOf(seen.ledgerIndex, seen.index, engine.config.networkId);
  const place = { inLedger: seen.ledgerIndex, ledger_index: seen.ledgerIndex };
  return ctid === undefined ? place : { ...place, ctid };
}

function wantedTransaction(engine: Engine, params: JsonObject): { find(): SeenTransaction | undefined } {
  const { transaction, ctid } = params;
  if ((transaction === undefined) === (ctid === undefined)) throw invalidParams();
  if (ctid === undefined) {
    const hash = hash256(transaction);
    if (hash === undefined) throw fault("notImpl");
    return { find: () => engine.transaction(hash) };
  }
  const parts = parseCtid(ctid);
  if (parts === undefined) throw invalidParams();
  if (parts.networkId !== engine.config.networkId) {
    throw fault(
      "wrongNetwork",
      `Wrong network. You should submit this request to a node running on NetworkID: ${parts.networkId}`,
    );
  }
  return {
    find: () => {
      const held = engine
        .closedByIndex(parts.ledgerIndex)
        ?.transactions.find(({ index }) => index === parts.transactionIndex);
      return held && { ...held, ledgerIndex: parts.ledgerIndex };
    },
  };
}

function rangeOf(params: JsonObject): LedgerRange | undefined {
  if (params["min_ledger"] === undefined || params["max_ledger"] === undefined) return undefined;
  const min = unsigned(params["min_ledger"]);
  const max = unsigned(params["max_ledger"]);
  if (min === undefined || max === undefined || max < min) throw fault("invalidLgrRange");
  if (max - min > maxRange) throw fault("excessiveLgrRange");
  return { min, max };
}

function unsigned(value: unknown): number | undefined {
  const number = typeof value === "string" && /^[0-9]{1,10}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

/** rippled counts the ledgers of the range that hold a transaction: one empty ledger makes it say false. */
function allHoldTransactions(engine: Engine, { min, max }: LedgerRange): boolean {
  for (let index = min; index <= max; index += 1) {
    if ((engine.closedByIndex(index)?.transactions.length ?? 0) === 0) return false;
  }
  return true;
}

function jsonAnswer(engine: Engine, seen: SeenTransaction, apiVersion: ApiVersion): JsonObject {
  const transaction = transactionJson(seen.blob, apiVersion);
  const meta = seen.meta && metaJson(seen.meta, seen.blob);
  const ledger = seen.ledgerIndex === undefined ? undefined : engine.closedByIndex(seen.ledgerIndex);
  const place = placeOf(engine, seen);
  const date = ledger === undefined ? {} : { date: closeTimeOf(ledger) };
  const validated = ledger !== undefined;
  if (apiVersion === 1) return { ...transaction, ...place, ...date, ...(meta && { meta }), hash: seen.hash, validated };
  const { inLedger: _, ...inJson } = place;
  return {
    ...versionTwo(engine, seen),
    ...(meta && { meta }),
    tx_json: { ...transaction, ...inJson, ...date },
    validated,
  };
}

function binaryAnswer(engine: Engine, seen: SeenTransaction, apiVersion: ApiVersion): JsonObject {
  const ledger = seen.ledgerIndex === undefined ? undefined : engine.closedByIndex(seen.ledgerIndex);
  const blob = upperHex(seen.blob);
  const meta = seen.meta && upperHex(seen.meta);
  const validated = ledger !== undefined;
  if (apiVersion === 1) {
    const date = ledger && { date: closeTimeOf(ledger) };
    return { tx: blob, ...(meta && { meta }), ...placeOf(engine, seen), ...date, hash: seen.hash, validated };
  }
  return { tx_blob: blob, ...(meta && { meta_blob: meta }), ...versionTwo(engine, seen), validated };
}

/** What version 2 says beside the transaction. */
function versionTwo(engine: Engine, seen: SeenTransaction): JsonObject {
  const ledger = seen.ledgerIndex === undefined ? undefined : engine.closedByIndex(seen.ledgerIndex);
  if (ledger === undefined) return { hash: seen.hash };
  const { inLedger: _, ...place } = placeOf(engine, seen);
  return { hash: seen.hash, ...place, ledger_hash: ledger.hash, close_time_iso: isoTime(closeTimeOf(ledger)) };
}
