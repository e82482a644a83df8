import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Month, monthStartUnixMs } from "../src/core/month.ts";
import { formatTimestamp } from "../src/core/time.ts";
import { monthlyEvent, writeFrame } from "./made-ledger.ts";

/** A ledger of one month. */
export interface LongMonth {
  readonly month: Month;
  readonly events: number;
  /** So many events, evenly spread, have a signature that is good; of the others it is well formed alone. */
  readonly provable: number;
}

const noSignature = `${"A".repeat(86)}==`;
const textsAtOnce = 2000;

/** Writes the ledger into a folder, however long the month is. @returns ids of the events that can be proven */
export function writeLongMonth(folder: string, { month, events, provable }: LongMonth): readonly string[] {
  writeFrame(folder);
  const ids: string[] = [];
  const each = Math.floor(events / provable);
  const [first, stepMs] = [monthStartUnixMs(month), Math.floor((28 * 86_400_000) / events)];
  const file = openSync(join(folder, `${month}.json`), "w");
  let texts: string[] = ["["];
  for (let at = 0; at < events; at++) {
    const isProvable = at % each === 0 && ids.length < provable;
    const timestamp = formatTimestamp(first + at * stepMs);
    const event = monthlyEvent(at, timestamp, undefined, isProvable ? undefined : () => noSignature);
    if (isProvable) ids.push(event.id);
    texts.push(`${at === 0 ? "" : ","}${JSON.stringify(event)}`);
    if (texts.length < textsAtOnce) continue;
    writeSync(file, `${texts.join("\n")}\n`);
    texts = [];
  }
  writeSync(file, `${[...texts, "]"].join("\n")}\n`);
  closeSync(file);
  return ids;
}
