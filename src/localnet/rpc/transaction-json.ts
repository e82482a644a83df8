import { decode } from "ripple-binary-codec";

import { toHex } from "../../core/bytes.ts";
import { type ApiVersion } from "./call.ts";
import { type JsonObject } from "./json.ts";

export function upperHex(bytes: Uint8Array): string {
  return toHex(bytes).toUpperCase();
}

/** 64-bit fields the codec writes with 16 digits and rippled without leading zeros. */
const shortHexFields = new Set([
  "OwnerNode",
  "IndexNext",
  "IndexPrevious",
  "DestinationNode",
  "BookNode",
  "LowNode",
  "HighNode",
]);

const decoded = new WeakMap<Uint8Array, JsonObject>();

/** A serialised transaction, metadata or ledger entry as rippled's JSON. The caller may change the top level. */
export function decodeObject(bytes: Uint8Array): JsonObject {
  let json = decoded.get(bytes);
  if (json === undefined) {
    json = decode(upperHex(bytes));
    shortenHex(json);
    decoded.set(bytes, json);
  }
  return { ...json };
}

function shortenHex(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const fields = value as JsonObject;
  for (const [name, inner] of Object.entries(fields)) {
    if (shortHexFields.has(name) && typeof inner === "string")
      fields[name] = inner.replace(/^0+(?=.)/, "").toLowerCase();
    else shortenHex(inner);
  }
}

/** A transaction as version 1 (`Amount` and `DeliverMax`) or 2 (`DeliverMax` alone) shows it. */
export function transactionJson(blob: Uint8Array, apiVersion: ApiVersion): JsonObject {
  return withDeliverMax(decodeObject(blob), apiVersion);
}

export function withDeliverMax(transaction: JsonObject, apiVersion: ApiVersion): JsonObject {
  if (transaction["TransactionType"] !== "Payment") return transaction;
  const { Amount: amount, ...rest } = transaction;
  return apiVersion === 1 ? { ...transaction, DeliverMax: amount } : { ...rest, DeliverMax: amount };
}

/** Metadata, with `delivered_amount` where a payment delivered something. */
export function metaJson(meta: Uint8Array, blob: Uint8Array): JsonObject {
  const json = decodeObject(meta);
  const transaction = decodeObject(blob);
  if (transaction["TransactionType"] === "Payment" && json["TransactionResult"] === "tesSUCCESS") {
    json["delivered_amount"] = json["DeliveredAmount"] ?? transaction["Amount"];
  }
  return json;
}

/**
 * The compact id of a validated transaction (XLS-37): 16 hex digits.
 * There is none on a network whose id does not fit 16 bits.
 */
export function ctidOf(ledgerIndex: number, transactionIndex: number, networkId: number): string | undefined {
  if (ledgerIndex > 0xfffffff || transactionIndex > 0xffff || networkId > 0xffff) return undefined;
  const digits = (value: number, width: number): string => value.toString(16).padStart(width, "0");
  return `C${digits(ledgerIndex, 7)}${digits(transactionIndex, 4)}${digits(networkId, 4)}`.toUpperCase();
}

export interface CtidParts {
  readonly ledgerIndex: number;
  readonly transactionIndex: number;
  readonly networkId: number;
}

export function parseCtid(value: unknown): CtidParts | undefined {
  if (typeof value !== "string" || !/^[cC][0-9a-fA-F]{15}$/.test(value)) return undefined;
  const part = (from: number, to: number): number => Number.parseInt(value.slice(from, to), 16);
  return { ledgerIndex: part(1, 8), transactionIndex: part(8, 12), networkId: part(12, 16) };
}
