import { type ClosedTransaction, type Engine } from "../../engine.ts";
import { type Method } from "../call.ts";
import { bareFault, invalidField, missingField } from "../fault.ts";
import { chooseLedger } from "../ledger-choice.ts";
import { closeTimeOf, isoTime } from "../ledger-json.ts";
import { hash256, isUint32 } from "../parameters.ts";
import { metaJson, transactionJson } from "../transaction-json.ts";

export const transactionEntry: Method = ({ server: { engine }, params, apiVersion }) => {
  const { closed, named } = chooseLedger(engine, params);
  if (params["tx_hash"] === undefined) throw bareFault("fieldNotFoundTransaction", named);
  if (closed === undefined) throw bareFault("notYetImplemented", named);
  const hash = hash256(params["tx_hash"]);
  if (hash === undefined) throw bareFault("malformedRequest", named);
  const held = closed.transactions.find((each) => each.hash === hash);
  if (held === undefined) throw bareFault("transactionNotFound", named);
  const transaction = transactionJson(held.blob, apiVersion);
  const meta = metaJson(held.meta, held.blob);
  // rippled leaves delivered_amount out of this method alone
  delete meta["delivered_amount"];
  if (apiVersion === 1) return { ...named, tx_json: { ...transaction, hash }, metadata: meta };
  return { ...named, tx_json: transaction, meta, hash, close_time_iso: isoTime(closeTimeOf(closed)) };
};

const historyPage = 20;

/** The newest transactions of all accounts, 20 at a time; version 1 alone has it. */
export const txHistory: Method = ({ server: { engine }, params }) => {
  const { start } = params;
  if (start === undefined) throw missingField("start");
  if (!isUint32(start)) throw invalidField("start");
  const txs = [];
  let passed = 0;
  for (const { held, ledgerIndex } of newestFirst(engine)) {
    passed += 1;
    if (passed <= start) continue;
    txs.push({ ...transactionJson(held.blob, 1), hash: held.hash, inLedger: ledgerIndex, ledger_index: ledgerIndex });
    if (txs.length === historyPage) break;
  }
  return { index: start, txs };
};

function* newestFirst(engine: Engine): Generator<{ held: ClosedTransaction; ledgerIndex: number }> {
  for (let ledgerIndex = engine.last().index; ledgerIndex >= engine.firstIndex(); ledgerIndex -= 1) {
    const transactions = engine.closedByIndex(ledgerIndex)?.transactions ?? [];
    for (const held of transactions.toReversed()) yield { held, ledgerIndex };
  }
}
