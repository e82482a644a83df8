import { SettlementError } from "../core/error.ts";
import { maxEventBytes } from "../core/event-index.ts";
import type { EventLine } from "../core/event.ts";
import type { Sha256 } from "../core/hash.ts";
import { isJsonObject, parseJson } from "../core/json.ts";
import { dialectOf, type LedgerEvent, parseLedgerLine } from "../core/ledger-event.ts";
import { placed } from "../core/placed.ts";

export const linesFile = "events/events.jsonl";

/** One event by its text, its id recomputed. @throws SettlementError `PARTITION_MALFORMED` naming `where` */
export function readEvent(text: string, where: string, sha256: Sha256): EventLine<LedgerEvent> {
  if (text.length > maxEventBytes) {
    throw new SettlementError("PARTITION_MALFORMED", `${where}: it is longer than ${maxEventBytes} bytes`);
  }
  const read = (): EventLine<LedgerEvent> => {
    const value = parseJson(text);
    return parseLedgerLine(isJsonObject(value) ? dialectOf(value) : "monthly", value, sha256);
  };
  return placed(where, read, "PARTITION_MALFORMED");
}
