import { decodeLedgerHeader, rippleEpochUnixS } from "../../core/xrpl/ledger-header.ts";
import { type ClosedLedger, type ClosedTransaction, type OpenLedger } from "../engine.ts";
import { type ApiVersion } from "./call.ts";
import { type JsonObject } from "./json.ts";
import { metaJson, transactionJson, upperHex } from "./transaction-json.ts";

/** What of a ledger an answer shows. */
export interface LedgerView {
  readonly apiVersion: ApiVersion;
  readonly transactions: boolean;
  readonly expand: boolean;
  readonly binary: boolean;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `2026-11-21T08:31:41Z` of a time in seconds since 2000. */
export function isoTime(rippleS: number): string {
  return new Date((rippleS + rippleEpochUnixS) * 1000).toISOString().replace(".000Z", "Z");
}

/** `2026-Nov-21 08:31:41.<fraction> UTC`, as rippled writes times for people. */
export function humanTime(unixMs: number, fractionDigits: number): string {
  const iso = new Date(unixMs).toISOString();
  const fraction = iso.slice(20, 23).padEnd(fractionDigits, "0");
  return `${iso.slice(0, 4)}-${months[Number(iso.slice(5, 7)) - 1]}-${iso.slice(8, 10)} ${iso.slice(11, 19)}.${fraction} UTC`;
}

export function closeTimeOf(ledger: ClosedLedger): number {
  return decodeLedgerHeader(ledger.header).closeTimeRippleS;
}

/** The `ledger` object of a closed ledger. */
export function closedLedgerJson(ledger: ClosedLedger, view: LedgerView): JsonObject {
  const head = view.binary
    ? { closed: true, ledger_data: upperHex(ledger.header) }
    : headerJson(ledger, view.apiVersion);
  if (!view.transactions) return head;
  return { ...head, transactions: byHash(ledger.transactions).map((held) => closedTransaction(held, ledger, view)) };
}

/** The `ledger` object of the open ledger: it has no hash and no times yet. */
export function openLedgerJson(ledger: OpenLedger, view: LedgerView): JsonObject {
  const named = { ledger_index: indexOf(ledger.index, view.apiVersion), parent_hash: ledger.parentHash };
  const head = { closed: false, ...(view.binary ? {} : named) };
  if (!view.transactions) return head;
  return { ...head, transactions: byHash(ledger.transactions).map((held) => openTransaction(held, view)) };
}

function headerJson(ledger: ClosedLedger, apiVersion: ApiVersion): JsonObject {
  const header = decodeLedgerHeader(ledger.header);
  const json: JsonObject = {
    account_hash: upperHex(header.stateRoot),
    close_flags: header.closeFlags,
    close_time: header.closeTimeRippleS,
    close_time_resolution: header.closeResolutionS,
    closed: true,
    ledger_hash: ledger.hash,
    ledger_index: indexOf(ledger.index, apiVersion),
    parent_close_time: header.parentCloseTimeRippleS,
    parent_hash: upperHex(header.parentHash),
    total_coins: String(header.totalDrops),
    transaction_hash: upperHex(header.transactionRoot),
  };
  if (header.closeTimeRippleS !== 0) {
    json["close_time_human"] = humanTime((header.closeTimeRippleS + rippleEpochUnixS) * 1000, 9);
    json["close_time_iso"] = isoTime(header.closeTimeRippleS);
  }
  return json;
}

function indexOf(index: number, apiVersion: ApiVersion): string | number {
  return apiVersion === 1 ? String(index) : index;
}

/** The order of the transaction tree, which is not that of execution. */
function byHash(held: readonly ClosedTransaction[]): readonly ClosedTransaction[] {
  return held.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
}

function closedTransaction(held: ClosedTransaction, ledger: ClosedLedger, view: LedgerView): unknown {
  if (!view.expand) return held.hash;
  if (view.binary) {
    const blob = { tx_blob: upperHex(held.blob) };
    const meta = upperHex(held.meta);
    return view.apiVersion === 1 ? { ...blob, meta } : { ...blob, meta_blob: meta, hash: held.hash };
  }
  const transaction = transactionJson(held.blob, view.apiVersion);
  const meta = metaJson(held.meta, held.blob);
  if (view.apiVersion === 1) return { ...transaction, hash: held.hash, metaData: meta };
  return {
    tx_json: transaction,
    meta,
    hash: held.hash,
    ledger_hash: ledger.hash,
    ledger_index: ledger.index,
    close_time_iso: isoTime(closeTimeOf(ledger)),
    validated: true,
  };
}

function openTransaction(held: ClosedTransaction, view: LedgerView): unknown {
  if (!view.expand) return held.hash;
  if (view.binary) {
    const blob = { tx_blob: upperHex(held.blob) };
    return view.apiVersion === 1 ? blob : { ...blob, hash: held.hash };
  }
  const transaction = transactionJson(held.blob, view.apiVersion);
  if (view.apiVersion === 1) return { ...transaction, hash: held.hash };
  return { tx_json: transaction, hash: held.hash, validated: false };
}
