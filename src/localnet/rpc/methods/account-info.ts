import { isAddress } from "../../../core/xrpl/address.ts";
import { accountKey, signerListKey } from "../../engine/keys.ts";
import { type Method } from "../call.ts";
import { fault, invalidParams } from "../fault.ts";
import { type JsonObject } from "../json.ts";
import { chooseLedger } from "../ledger-choice.ts";
import { accountField, isTruthy } from "../parameters.ts";
import { accountQueueJson } from "../queue-json.ts";
import { entryJson } from "../state-json.ts";

const flagBits = {
  allowTrustLineClawback: 0x80000000,
  allowTrustLineLocking: 0x40000000,
  defaultRipple: 0x00800000,
  depositAuth: 0x01000000,
  disableMasterKey: 0x00100000,
  disallowIncomingCheck: 0x08000000,
  disallowIncomingNFTokenOffer: 0x04000000,
  disallowIncomingPayChan: 0x10000000,
  disallowIncomingTrustline: 0x20000000,
  disallowIncomingXRP: 0x00080000,
  globalFreeze: 0x00400000,
  noFreeze: 0x00200000,
  passwordSpent: 0x00010000,
  requireAuthorization: 0x00040000,
  requireDestinationTag: 0x00020000,
} as const;

export const accountInfo: Method = ({ server: { engine }, params, apiVersion }) => {
  const account = accountField(params);
  const { open, closed, named } = chooseLedger(engine, params);
  if (!isAddress(account)) throw fault("actMalformed", undefined, named);
  const { state } = open ?? closed;
  const root = entryJson(state, accountKey(account));
  if (root === undefined) throw fault("actNotFound", undefined, { account, ...named });
  const wantsQueue = isTruthy(params["queue"]);
  if (wantsQueue && open === undefined) throw invalidParams(undefined, named);

  const answer: JsonObject = { ...named, account_data: root, account_flags: accountFlags(Number(root["Flags"])) };
  if (wantsQueue) answer["queue_data"] = accountQueueJson(engine.queued(account));
  const { signer_lists: wantsSigners } = params;
  if (apiVersion > 1 && wantsSigners !== undefined && typeof wantsSigners !== "boolean")
    throw invalidParams(undefined, answer);
  if (isTruthy(wantsSigners)) {
    const list = entryJson(state, signerListKey(account));
    const holder = apiVersion === 1 ? root : answer;
    holder["signer_lists"] = list === undefined ? [] : [list];
  }
  return answer;
};

function accountFlags(flags: number): Record<string, boolean> {
  return Object.fromEntries(Object.entries(flagBits).map(([name, bit]) => [name, (flags & bit) !== 0]));
}
