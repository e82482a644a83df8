import { canonicalJson } from "../core/canonical-json.ts";
import { SettlementError } from "../core/error.ts";
import { sha256 } from "../core/hash.ts";
import type { Ledger, LedgerSnapshot } from "../ports.ts";
import { flatEvents } from "./scan-chunk.ts";
import { termKeys } from "./scan-means.ts";

/** How a ledger is read that is at hand as a whole; the place of an event is its position among those of its file. */
export function readsOf(
  snapshot: () => Promise<LedgerSnapshot>,
): Pick<Ledger, "snapshot" | "frame" | "scan" | "event"> {
  const keyOf = termKeys(sha256);
  return {
    snapshot,
    async frame() {
      const { settlement, nodes, files } = await snapshot();
      return { settlement, nodes, files: [...files.keys()].toSorted() };
    },
    async *scan(file, { from = 0, wantsDetails = false } = {}) {
      const events = (await snapshot()).files.get(file) ?? [];
      const placed = events.map((event, offset) => ({ event, line: canonicalJson(event.json), offset, length: 1 }));
      if (events.length > from) yield flatEvents(file, placed.slice(from), wantsDetails ? keyOf : undefined);
    },
    async event(file, { offset }) {
      const event = (await snapshot()).files.get(file)?.[offset];
      if (event) return event;
      throw new SettlementError("PARTITION_MALFORMED", `${file} has no event ${offset}`);
    },
  };
}
