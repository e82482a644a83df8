import { randomBytes } from "node:crypto";

import { type Method } from "../call.ts";
import { dropsAt, openLedgerFeeDrops, referenceLevel } from "../fees.ts";
import { upperHex } from "../transaction-json.ts";

export const ping: Method = ({ role, subscriber }) => {
  if (role !== "admin") return {};
  return subscriber === undefined ? { role: "admin" } : { role: "admin", unlimited: true };
};

export const version: Method = () => ({ version: { first: "1.0.0", good: "1.0.0", last: "1.0.0" } });

export const random: Method = () => ({ random: upperHex(randomBytes(32)) });

/** What it takes to get into the open ledger, and into the queue before it. */
export const fee: Method = ({ server: { engine } }) => {
  const fees = engine.fees();
  return {
    current_ledger_size: String(fees.openTransactions),
    current_queue_size: String(fees.queueSize),
    drops: {
      base_fee: String(engine.config.baseFeeDrops),
      median_fee: String(dropsAt(engine, fees.medianLevel)),
      minimum_fee: String(dropsAt(engine, fees.minimumLevel)),
      open_ledger_fee: String(openLedgerFeeDrops(engine)),
    },
    expected_ledger_size: String(fees.expectedTransactions),
    ledger_current_index: engine.open().index,
    levels: {
      median_level: String(fees.medianLevel),
      minimum_level: String(fees.minimumLevel),
      open_ledger_level: String(fees.openLedgerLevel),
      reference_level: String(referenceLevel),
    },
    ...(fees.maxQueueSize === undefined ? {} : { max_queue_size: String(fees.maxQueueSize) }),
  };
};
