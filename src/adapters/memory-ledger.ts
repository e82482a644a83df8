import type { LedgerEvent } from "../core/ledger-event.ts";
import { type Month, parseMonth } from "../core/month.ts";
import type { Archive, LedgerSnapshot, SharedLedger } from "../ports.ts";
import { alreadyClosed } from "./archive-names.ts";
import { changed, otherDialect } from "./event-file.ts";
import { readsOf } from "./snapshot-ledger.ts";

/**
 * A ledger that lives as long as the process.
 *
 * @param archive - whose closed months take no more events in the monthly dialect
 */
export function memoryLedger(initial: Partial<LedgerSnapshot> = {}, archive?: Archive): SharedLedger {
  const { settlement, nodes = [] } = initial;
  const files = new Map<Month | "", readonly LedgerEvent[]>(initial.files);
  let { dialect } = initial;
  let appends = 0;
  const [alone, inTurn] = [queue(), queue()];
  const version = async (): Promise<string> => JSON.stringify([appends, await archive?.months()]);
  const append = async (month: Month, events: readonly LedgerEvent[]): Promise<void> => {
    parseMonth(month);
    dialect ??= events[0]?.dialect;
    const stranger = events.find((event) => event.dialect !== dialect);
    if (stranger && dialect) throw otherDialect(stranger, dialect);
    const isClosed = dialect === "monthly" && (await archive?.read(month, "manifest.json")) !== undefined;
    if (isClosed) throw alreadyClosed(month);
    if (events.length === 0) return;
    const file = dialect === "jsonl" ? "" : month;
    files.set(file, [...(files.get(file) ?? []), ...events]);
    appends++;
  };
  return {
    ...readsOf(async () => ({ dialect: dialect ?? "monthly", settlement, nodes, files: new Map(files) })),
    append: (month, events) => inTurn(() => append(month, events)),
    alone,
    version,
    extend: (expected, month, events) =>
      inTurn(async () => {
        if ((await version()) !== expected) throw changed("the ledger");
        await append(month, events);
        return version();
      }),
    mend: async () => undefined,
  };
}

/** Runs one piece of work after the other. */
function queue(): SharedLedger["alone"] {
  let turns: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = turns.then(work);
    turns = result.catch(() => undefined);
    return result;
  };
}
