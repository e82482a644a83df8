import { isAddress } from "../../../core/xrpl/address.ts";
import { type StateView } from "../../engine.ts";
import { accountKey, ownerDirectoryKey } from "../../engine/keys.ts";
import { type Call, type Method } from "../call.ts";
import { fault, invalidField } from "../fault.ts";
import { type JsonObject } from "../json.ts";
import { chooseLedger } from "../ledger-choice.ts";
import { accountField, limitField } from "../parameters.ts";
import { entryJson, ownedKeys } from "../state-json.ts";

interface Holder {
  readonly account: string;
  readonly state: StateView;
  readonly named: JsonObject;
}

/** `type` names of the entries an account can own here. */
const entryTypes: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    signer_list: "SignerList",
    ticket: "Ticket",
    account: "AccountRoot",
    directory: "DirectoryNode",
    // what this network has no transactions to make
    check: "Check",
    deposit_preauth: "DepositPreauth",
    did: "DID",
    escrow: "Escrow",
    nft_offer: "NFTokenOffer",
    nft_page: "NFTokenPage",
    offer: "Offer",
    payment_channel: "PayChannel",
    state: "RippleState",
  }),
);

export const accountObjects: Method = (call) => {
  const { account, state, named } = holderOf(call);
  const { type, marker } = call.params;
  const wanted = entryTypes.get(type);
  if (type !== undefined && wanted === undefined) throw invalidField("type");
  const limit = limitField(call, { least: 10, usual: 200, most: 400 });
  const root = ownerDirectoryKey(account);
  const keys = [...ownedKeys(state, account)];
  const from = marker === undefined ? 0 : keys.indexOf(markerKey(marker, root));
  if (from === -1) throw invalidField("marker", "not valid");

  const objects: JsonObject[] = [];
  let at = from;
  for (; at < keys.length && objects.length < limit; at += 1) {
    const entry = entryJson(state, keys[at] ?? "");
    if (entry !== undefined && (wanted === undefined || entry["LedgerEntryType"] === wanted)) objects.push(entry);
  }
  const more = at < keys.length ? { limit, marker: `${root},${keys[at]}` } : {};
  return { account, account_objects: objects, ...more, ...named };
};

function markerKey(marker: unknown, root: string): string {
  const [directory, entry] = typeof marker === "string" ? marker.split(",") : [];
  if (directory !== root || entry === undefined) throw invalidField("marker", "not valid");
  return entry;
}

/** Lists of what no transaction of this network can make, so that scripts which ask for them go on. */
export function emptyList(fields: JsonObject): Method {
  return (call) => {
    const { account, named } = holderOf(call);
    return { account, ...fields, ...named };
  };
}

export const accountCurrencies: Method = (call) => {
  const { named } = holderOf(call);
  return { receive_currencies: [], send_currencies: [], ...named };
};

function holderOf({ server: { engine }, params }: Call): Holder {
  const account = accountField(params);
  const { open, closed, named } = chooseLedger(engine, params);
  if (!isAddress(account)) throw fault("actMalformed", undefined, named);
  const { state } = open ?? closed;
  if (state.entry(accountKey(account)) === undefined) throw fault("actNotFound", undefined, { account, ...named });
  return { account, state, named };
}
