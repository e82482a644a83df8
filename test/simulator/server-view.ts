import type { ClosedLedger, Engine, OpenLedger, SeenTransaction } from "../../src/localnet/engine.ts";

/** What a server has of a chain. */
export interface Sight {
  /** Highest ledger it knows of. */
  readonly through: number;
  /** Lowest ledger it still has. */
  readonly from: number;
  /** Ledgers it missed. */
  readonly missing: ReadonlySet<number>;
  /** Transactions that it was handed itself and has not forgotten. */
  readonly known: ReadonlySet<string>;
}

/** Does a server with this sight have a ledger? */
export function has({ through, from, missing }: Sight, index: number): boolean {
  return index >= from && index <= through && !missing.has(index);
}

/** The chain as a server with this sight shows it, whatever it knows less than the network. */
export function seenThrough(engine: Engine, sight: Sight): Engine {
  const last = sight.through;
  const closed = (ledger: ClosedLedger | undefined): ClosedLedger | undefined =>
    ledger && has(sight, ledger.index) ? ledger : undefined;
  const newest = (): ClosedLedger => {
    const ledger = engine.closedByIndex(last);
    if (!ledger) throw new RangeError(`the network has no ledger ${last}`);
    return ledger;
  };
  return {
    ...engine,
    last: newest,
    closedByIndex: (index) => closed(engine.closedByIndex(index)),
    closedByHash: (hash) => closed(engine.closedByHash(hash)),
    firstIndex: () => sight.from,
    open: () => (last === engine.last().index ? engine.open() : openOn(newest())),
    transaction(hash) {
      const seen = engine.transaction(hash);
      if (!seen) return undefined;
      if (seen.ledgerIndex !== undefined && has(sight, seen.ledgerIndex)) return seen;
      const isKnown = sight.known.has(seen.hash) || sight.missing.has(seen.ledgerIndex ?? 0);
      return isKnown ? unplaced(seen) : undefined;
    },
    accountTransactions: (address) =>
      engine.accountTransactions(address).filter(({ ledgerIndex }) => has(sight, ledgerIndex)),
  };
}

function unplaced({ hash, blob }: SeenTransaction): SeenTransaction {
  return { hash, blob };
}

/** The open ledger of a server that has heard of no transaction since. */
function openOn({ index, hash, state }: ClosedLedger): OpenLedger {
  return { index: index + 1, parentHash: hash, totalDrops: 0n, transactions: [], state };
}
