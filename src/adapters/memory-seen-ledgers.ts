import { SettlementError } from "../core/error.ts";
import type { SeenLedger, SeenLedgers } from "../ports.ts";
import { requireStorable } from "./state-texts.ts";

/** @returns the error for a second hash of one ledger index */
export function otherLedger(network: string, { ledgerIndex, hash }: SeenLedger, seen: string): SettlementError {
  return new SettlementError(
    "CHAIN_FORKED",
    `ledger ${ledgerIndex} of ${network} is ${hash} now, and this node has seen it as ${seen}: a fork, a reset or a lie; nothing was signed. Leave that server, or forget the network if it was reset`,
  );
}

/** Seen ledgers that live as long as the process. */
export function memorySeenLedgers(): SeenLedgers {
  const networks = new Map<string, Map<number, string>>();
  const seen = (network: string, ledgerIndex: number): SeenLedger | undefined => {
    const hash = networks.get(network)?.get(ledgerIndex);
    return hash === undefined ? undefined : { ledgerIndex, hash };
  };
  return {
    async latest(network) {
      let highest = -1;
      for (const ledgerIndex of networks.get(network)?.keys() ?? []) highest = Math.max(highest, ledgerIndex);
      return seen(network, highest);
    },
    get: async (network, ledgerIndex) => seen(network, ledgerIndex),
    async record(network, ledger) {
      requireStorable(network, ledger.hash);
      const hash = seen(network, ledger.ledgerIndex)?.hash ?? ledger.hash;
      if (hash !== ledger.hash) throw otherLedger(network, ledger, hash);
      const hashes = networks.get(network) ?? new Map<number, string>();
      networks.set(network, hashes.set(ledger.ledgerIndex, hash));
    },
    async forget(network) {
      networks.delete(network);
    },
  };
}
