import type { LedgerEvent } from "../core/ledger-event.ts";
import { parseMonth } from "../core/month.ts";
import type { Archive, Ledger, LedgerSnapshot } from "../ports.ts";
import { alreadyClosed } from "./archive-names.ts";
import { otherDialect } from "./event-file.ts";

/**
 * A ledger that lives as long as the process.
 *
 * @param archive - whose closed months take no more events in the monthly dialect
 */
export function memoryLedger(initial: Partial<LedgerSnapshot> = {}, archive?: Archive): Ledger {
  const { settlement, nodes = [] } = initial;
  const files = new Map<string, readonly LedgerEvent[]>(initial.files);
  let { dialect } = initial;
  return {
    snapshot: async () => ({ dialect: dialect ?? "monthly", settlement, nodes, files: new Map(files) }),
    async append(month, events) {
      parseMonth(month);
      dialect ??= events[0]?.dialect;
      const stranger = events.find((event) => event.dialect !== dialect);
      if (stranger && dialect) throw otherDialect(stranger, dialect);
      const isClosed = dialect === "monthly" && (await archive?.read(month, "manifest.json")) !== undefined;
      if (isClosed) throw alreadyClosed(month);
      const file = dialect === "jsonl" ? "" : month;
      if (events.length > 0) files.set(file, [...(files.get(file) ?? []), ...events]);
    },
  };
}
