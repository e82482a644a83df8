import { isAddress } from "../../../core/xrpl/address.ts";
import { accountKey, directoryPageKey, ownerDirectoryKey, signerListKey, ticketKey } from "../../engine/keys.ts";
import { type Method } from "../call.ts";
import { bareFault, fault, invalidParams, RpcFault } from "../fault.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { chooseLedger } from "../ledger-choice.ts";
import { hash256, isTruthy, isUint32 } from "../parameters.ts";
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
