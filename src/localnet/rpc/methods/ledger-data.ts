import { type Call, type Method } from "../call.ts";
import { invalidField } from "../fault.ts";
import { chooseLedger } from "../ledger-choice.ts";
import { closedLedgerJson, openLedgerJson } from "../ledger-json.ts";
import { hash256, isTruthy, limitField } from "../parameters.ts";
import { entryJson } from "../state-json.ts";
import { upperHex } from "../transaction-json.ts";

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
