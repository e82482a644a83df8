import { type QueuedTransaction } from "../engine.ts";
import { type JsonObject } from "./json.ts";
import { type LedgerView } from "./ledger-json.ts";
import { transactionJson, upperHex } from "./transaction-json.ts";

/** `queue_data` of `account_info`: what of an account waits for the fees to fall. */
export function accountQueueJson(queued: readonly QueuedTransaction[]): JsonObject {
  if (queued.length === 0) return { txn_count: 0 };
  const sequences = queued.flatMap(({ sequence }) => sequence ?? []);
  const tickets = queued.flatMap(({ ticket }) => ticket ?? []);
  return {
    auth_change_queued: queued.some(({ authChange }) => authChange),
    max_spend_drops_total: String(queued.reduce((sum, { maxSpendDrops }) => sum + maxSpendDrops, 0n)),
    ...spanOf("sequence", sequences),
    ...spanOf("ticket", tickets),
    transactions: queued.map((each) => ({
      ...commonJson(each),
      ...(each.sequence === undefined ? { ticket: each.ticket } : { seq: each.sequence }),
    })),
    txn_count: queued.length,
  };
}

function spanOf(name: string, numbers: readonly number[]): JsonObject {
  if (numbers.length === 0) return {};
  return {
    [`${name}_count`]: numbers.length,
    [`lowest_${name}`]: Math.min(...numbers),
    [`highest_${name}`]: Math.max(...numbers),
  };
}

/** One entry of `queue_data` of `ledger`. */
export function queuedJson(queued: QueuedTransaction, view: LedgerView): JsonObject {
  const entry = {
    ...commonJson(queued),
    account: queued.account,
    preflight_result: "tesSUCCESS",
    retries_remaining: queued.retriesRemaining,
  };
  const { hash, blob } = queued;
  if (view.apiVersion > 1) {
    if (!view.expand) return { ...entry, hash };
    if (view.binary) return { ...entry, hash, tx_blob: upperHex(blob) };
    return { ...entry, hash, tx_json: transactionJson(blob, view.apiVersion), validated: false };
  }
  if (!view.expand) return { ...entry, tx: hash };
  return {
    ...entry,
    tx: view.binary ? { tx_blob: upperHex(blob) } : { ...transactionJson(blob, view.apiVersion), hash },
  };
}

function commonJson({
  lastLedgerSequence,
  authChange,
  feeDrops,
  feeLevel,
  maxSpendDrops,
}: QueuedTransaction): JsonObject {
  return {
    ...(lastLedgerSequence === undefined ? {} : { LastLedgerSequence: lastLedgerSequence }),
    auth_change: authChange,
    fee: String(feeDrops),
    fee_level: String(feeLevel),
    max_spend_drops: String(maxSpendDrops),
  };
}
