import { randomBytes } from "node:crypto";

import { type Method } from "../call.ts";
import { type JsonObject } from "../json.ts";
import { upperHex } from "../transaction-json.ts";

export const ping: Method = ({ role, subscriber }) => {
  if (role !== "admin") return {};
  return subscriber === undefined ? { role: "admin" } : { role: "admin", unlimited: true };
};

export const version: Method = () => ({ version: { first: "1.0.0", good: "1.0.0", last: "1.0.0" } });

export const random: Method = () => ({ random: upperHex(randomBytes(32)) });

/** Fees of the open ledger. Every transaction fits into it here, so the fee never rises above the base. */
export const fee: Method = ({ server: { engine } }) => {
  const base = String(engine.config.baseFeeDrops);
  const answer: JsonObject = {
    current_ledger_size: String(engine.open().transactions.length),
    current_queue_size: "0",
    drops: {
      base_fee: base,
      median_fee: String(engine.config.baseFeeDrops * 500),
      minimum_fee: base,
      open_ledger_fee: base,
    },
    expected_ledger_size: "1000",
    ledger_current_index: engine.open().index,
    levels: { median_level: "128000", minimum_level: "256", open_ledger_level: "256", reference_level: "256" },
  };
  // A queue has a size only once a ledger was closed.
  if (engine.last().index > engine.firstIndex()) answer["max_queue_size"] = "20000";
  return answer;
};
