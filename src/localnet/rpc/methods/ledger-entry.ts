import { isAddress } from "../../../core/xrpl/address.ts";
import { accountKey, directoryPageKey, ownerDirectoryKey, signerListKey, ticketKey } from "../../engine/keys.ts";
import { type Call, type Method } from "../call.ts";
import { bareFault, fault, invalidField, invalidParams, RpcFault } from "../fault.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { chooseLedger } from "../ledger-choice.ts";
import { closedLedgerJson, openLedgerJson } from "../ledger-json.ts";
import { hash256, isTruthy, isUint32, limitField } from "../parameters.ts";
import { entryJson } from "../state-json.ts";
import { decodeObject, upperHex } from "../transaction-json.ts";

export const ledgerEntry: Method = ({ server: { engine }, params, apiVersion }) => {
  const { open, closed, named } = chooseLedger(engine, params);
  const key = keyOf(params);
  if (key === undefined) {
    throw apiVersion === 1 ? bareFault("unknownOption", named) : invalidParams("No ledger_entry params provided.");
  }
  const data = (open ?? closed).state.entry(key);
  if (data === undefined) throw fault("entryNotFound", undefined, { index: key, ...named });
  const shown = isTruthy(params["binary"])
    ? { node_binary: upperHex(data) }
    : { node: { ...decodeObject(data), index: key } };
  return { index: key, ...shown, ...named };
};

/** The ways to name an entry, in the order they are looked for. */
const namings: Readonly<Record<string, (value: unknown) => string>> = {
  index: (value) => hash256(value) ?? malformed("malformedRequest", "Invalid field 'index', not hex string."),
  account_root: (value) => accountKey(addressIn(value, "account_root")),
  ticket: (value) => {
    if (!isJsonObject(value))
      return hash256(value) ?? malformed("malformedRequest", "Invalid field 'ticket', not hex string or object.");
    const sequence = value["ticket_seq"];
    if (!isUint32(sequence)) return malformed("malformedRequest", "Invalid field 'ticket_seq', not number.");
    return ticketKey(addressIn(value["account"], "account"), sequence);
  },
  signer_list: (value) =>
    hash256(value) ?? signerListKey(addressIn(isJsonObject(value) ? value["account"] : value, "signer_list")),
  directory: (value) => {
    if (!isJsonObject(value))
      return hash256(value) ?? malformed("malformedRequest", "Invalid field 'directory', not hex string or object.");
    const page = value["sub_index"] ?? 0;
    if (!isUint32(page)) return malformed("malformedRequest", "Invalid field 'sub_index', not number.");
    const root = hash256(value["dir_root"]) ?? ownerDirectoryKey(addressIn(value["owner"], "owner"));
    return directoryPageKey(root, page);
  },
};

function keyOf(params: JsonObject): string | undefined {
  for (const [name, read] of Object.entries(namings)) {
    if (params[name] !== undefined) return read(params[name]);
  }
  return undefined;
}

function addressIn(value: unknown, field: string): string {
  return isAddress(value) ? value : malformed("malformedAddress", `Invalid field '${field}', not AccountID.`);
}

function malformed(error: string, message: string): never {
  throw new RpcFault({ error, error_code: 31, error_message: message }, 400);
}

const dataTypes: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    account: "AccountRoot",
    amendments: "Amendments",
    directory: "DirectoryNode",
    fee: "FeeSettings",
    hashes: "LedgerHashes",
    signer_list: "SignerList",
    ticket: "Ticket",
  }),
);

/** The state tree, page by page: a marker is the key before the next page's first. */
export const ledgerData: Method = (call) => {
  const { params, apiVersion } = call;
  const { open, closed, named } = chooseLedger(call.server.engine, params);
  const binary = isTruthy(params["binary"]);
  const after = params["marker"] === undefined ? "" : hash256(params["marker"]);
  if (after === undefined) throw invalidField("marker", "not valid");
  const pages = binary ? 2048 : 256;
  const limit = limitField(call, { least: 16, usual: pages, most: pages }, "not integer");
  const wanted = wantedType(call);

  const { state } = open ?? closed;
  const keys = Array.from(state.entries(), ([key]) => key).toSorted();
  const rest = keys.filter((key) => key > after);
  const next = rest[limit];
  const shown = rest.slice(0, limit).flatMap((key) => {
    const entry = entryJson(state, key);
    if (entry === undefined || (wanted !== undefined && entry["LedgerEntryType"] !== wanted)) return [];
    return [binary ? { data: upperHex(state.entry(key) ?? new Uint8Array()), index: key } : entry];
  });
  const view = { apiVersion, transactions: false, expand: false, binary };
  const header = open === undefined ? closedLedgerJson(closed, view) : openLedgerJson(open, view);
  return {
    ...(params["marker"] === undefined ? { ledger: header } : {}),
    ...named,
    state: shown,
    ...(next === undefined ? {} : { marker: keyBefore(next) }),
  };
};

function wantedType({ params }: Call): string | undefined {
  const { type } = params;
  if (type === undefined) return undefined;
  const wanted = dataTypes.get(type);
  if (wanted === undefined) throw invalidField("type");
  return wanted;
}

function keyBefore(key: string): string {
  return (BigInt(`0x${key}`) - 1n).toString(16).toUpperCase().padStart(64, "0");
}
