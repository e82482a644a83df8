import { toHex } from "../core/bytes.ts";
import type { Month } from "../core/month.ts";
import type { Ledger, ScannedEvents } from "../ports.ts";
import { type EventFiles, lastIsGone, listScan } from "./list-scan.ts";
import { indexBuilder, type IndexBuilder } from "./month-events.ts";

/** Events of one month among those of a scan. */
export interface MonthBatch {
  readonly events: ScannedEvents;
  /** Which of them are of the month, in leaf order. */
  readonly picks: Iterable<number>;
  /** Offset of the first event among them that is in a later month. */
  readonly later?: number | undefined;
}

/** Where picks that follow each other begin and end. */
export function* runsOf(picks: Iterable<number>): Generator<readonly [from: number, to: number]> {
  let from = 0;
  let to = 0;
  for (const at of picks) {
    if (at !== to && to > from) yield [from, to];
    if (at !== to) from = at;
    to = at + 1;
  }
  if (to > from) yield [from, to];
}

/**
 * The events of a month in leaf order, read from the ledger, many at a time.
 *
 * @throws SettlementError those of `Ledger.scan`, and `PARTITION_ALTERED` when the last event of a closed month is not
 * in the list any more
 */
export async function* scanMonth(
  view: EventFiles,
  month: Month,
  ledger: Ledger,
  wantsDetails = false,
): AsyncGenerator<MonthBatch> {
  if (view.form === "lines") yield* scanList(view, month, ledger, wantsDetails);
  else if (view.files.includes(month)) {
    for await (const events of ledger.scan(month, { wantsDetails }))
      yield { events, picks: Array(events.count).keys() };
  }
}

async function* scanList(
  { closed }: EventFiles,
  month: Month,
  ledger: Ledger,
  wantsDetails: boolean,
): AsyncGenerator<MonthBatch> {
  // What later months hold is behind their own last event, or is not told apart from this one's.
  const known = closed.filter((each) => each.month <= month);
  const before = known.filter((each) => each.month < month);
  const last = known.find((each) => each.month === month)?.manifest?.range?.[1];
  const isClosed = before.length < known.length;
  if (isClosed && last === undefined) return;
  const { from, tell } = listScan(before, known);
  for await (const events of ledger.scan("", { from, wantsDetails })) {
    const picks: number[] = [];
    let later: number | undefined;
    let isEnd = false;
    for (let at = 0; at < events.count && !isEnd; at++) {
      const own = tell(events.unixMs[at] ?? 0, events.ids, 32 * at);
      if (own > month) later ??= events.offsets[at];
      if (own !== month) continue;
      picks.push(at);
      isEnd = isClosed && toHex(events.ids.subarray(32 * at, 32 * at + 32)) === last;
    }
    yield { events, picks, later };
    if (isEnd) return;
  }
  if (isClosed) throw lastIsGone(month, last);
}

/** Ids of the events of a month in leaf order, lower-case hex. */
export async function idsOfMonth(view: EventFiles, month: Month, ledger: Ledger): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { events, picks } of scanMonth(view, month, ledger)) {
    for (const at of picks) ids.push(toHex(events.ids.subarray(32 * at, 32 * (at + 1))));
  }
  return ids;
}

/** What finds the events of a month, by all that they say. */
export async function detailedIndex(view: EventFiles, month: Month, ledger: Ledger): Promise<IndexBuilder> {
  const index = indexBuilder();
  for await (const { events, picks } of scanMonth(view, month, ledger, true)) {
    for (const at of picks) index.add(events, at);
  }
  return index;
}
