import { memorySeenLedgers } from "../../src/adapters/memory-seen-ledgers.ts";
import type { SeenLedger, SeenLedgers } from "../../src/ports.ts";

/** Ledgers remembered by this process alone, with a look at what was recorded. */
export function seenLedgers(): SeenLedgers & { kept(): readonly SeenLedger[] } {
  const memory = memorySeenLedgers();
  const kept = new Map<number, SeenLedger>();
  return {
    ...memory,
    kept: () => [...kept.values()],
    async record(network, ledger) {
      await memory.record(network, ledger);
      kept.set(ledger.ledgerIndex, ledger);
    },
  };
}
