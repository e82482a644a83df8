import { toHex } from "../core/bytes.ts";
import { canonicalBytes } from "../core/canonical-json.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { formatTimestamp } from "../core/time.ts";
import type { Notice } from "../ports.ts";
import type { MonthFact } from "./settle-months.ts";

/** What makes a fact this fact and no other. */
function identity({ type, origin, month, manifestHash, transactionHash, code, reason }: MonthFact): JsonObject {
  return {
    type,
    origin,
    month,
    manifestHash: manifestHash ?? null,
    transactionHash: transactionHash ?? null,
    code: code ?? null,
    // A reason may count or date itself; the same trouble with other numbers is not news.
    reason: reason?.replace(/\d+/g, "0") ?? null,
  };
}

/**
 * A fact as webhooks tell it: `{type, timestamp, data}`. The same fact has the same id whenever it is told, and whoever
 * records it twice has told it once.
 */
export function noticeOf(fact: MonthFact, createdUnixMs: number): Notice {
  const { type, ...rest } = fact;
  const data = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as JsonObject;
  const id = `msg_${toHex(sha256(canonicalBytes(identity(fact)))).slice(0, 40)}`;
  return { id, type, createdUnixMs, body: { type, timestamp: formatTimestamp(createdUnixMs), data } };
}
