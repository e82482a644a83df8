import { SettlementError } from "../core/error.ts";
import type { Month } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import { monthOrigin } from "../core/settlement-info.ts";
import type { SharedLedger } from "../ports.ts";
import type { Door, OpenedDoor } from "../validate/door.ts";
import { growingLog, type GrowingLog, type LogHashing, openLogs } from "./accept-log.ts";
import type { OpenMonths } from "./accept-month.ts";
import { requireSettlement } from "./partition-claim.ts";
import { requireContinued, type SignHeadDeps } from "./signed-head.ts";

export interface AcceptStateDeps extends SignHeadDeps, LogHashing {
  readonly ledger: SharedLedger;
  /** Reads and judges the ledger that `ledger` writes to. */
  readonly openDoor: (previous?: Door) => Promise<OpenedDoor>;
  readonly network: NetworkName;
}

/** A ledger in memory, as far as it takes to accept events. */
export interface AcceptState {
  /** Version of the ledger that this is. */
  readonly version: string;
  readonly door: Door;
  months(): OpenMonths;
  /** Where an event of the ledger stands. */
  leafOf(id: string): HeldLeaf | undefined;
  /** Adds an event to the log that the month belongs to. */
  add(id: string, month: Month): Leaf;
}

interface Leaf {
  readonly log: GrowingLog;
  readonly index: number;
}

/** A leaf that may have been promised before. */
export interface HeldLeaf extends Leaf {
  /** Its place in the log of its month, which promised it while an older month was open. */
  readonly inMonth?: { readonly origin: string; readonly index: number };
}

/** Whoever changes the ledger all the time is asked to stop. */
const maxLooks = 5;

/**
 * Reads a ledger that nobody else writes to at the time, and mends what a crash has torn.
 *
 * @param previous - state of the same ledger: what it has verified is not verified again
 * @throws SettlementError `ACCEPTANCE_STOPPED` for a ledger with errors, `HEAD_CONFLICT`, `LEDGER_CHANGED`,
 * `SETTLEMENT_INFO_MISSING`, `SETTLEMENT_KEY_MISMATCH`, `CHAIN_WRONG_NETWORK`
 */
export async function openState(deps: AcceptStateDeps, previous?: AcceptState): Promise<AcceptState> {
  const { ledger, openDoor } = deps;
  let isMended = false;
  for (let looks = 0; looks < maxLooks; looks++) {
    const version = await ledger.version();
    const opened = await openDoor(previous?.door);
    const isTorn = opened.faults.some(({ code }) => code === "PARTITION_TORN");
    if (isTorn && !isMended) {
      await ledger.mend();
      isMended = true;
    } else if ((await ledger.version()) === version) return stateOf(version, opened, deps);
  }
  throw new SettlementError("LEDGER_CHANGED", "the ledger keeps changing while it is read; stop whoever changes it");
}

async function stateOf(version: string, opened: OpenedDoor, deps: AcceptStateDeps): Promise<AcceptState> {
  requireGood(opened);
  const { door, partitions, closed } = opened;
  const { heads, network, key, sha256 } = deps;
  const { host } = requireSettlement(opened, network, key);
  const { ledger, months, oldest, starts } = openLogs({ host, partitions, closed }, deps);
  const monthLogs = new Map(months);
  for (const log of [ledger, ...monthLogs.values()]) requireContinued(log, await heads.list(log.origin), sha256);
  const hasClosed = closed.length > 0;
  let first = oldest;
  const logOf = (month: Month): GrowingLog => {
    first ??= month;
    if (month <= first) return ledger;
    const log = monthLogs.get(month) ?? growingLog(monthOrigin(host, month), deps);
    monthLogs.set(month, log);
    return log;
  };
  return {
    version,
    door,
    months: () => ({ oldest: first, hasClosed }),
    leafOf(id) {
      const index = ledger.indexOf(id);
      if (index !== undefined) {
        const start = starts.findLast(({ at }) => at <= index);
        if (!start) return { log: ledger, index };
        return { log: ledger, index, inMonth: { origin: monthOrigin(host, start.month), index: index - start.at } };
      }
      for (const log of monthLogs.values()) {
        const own = log.indexOf(id);
        if (own !== undefined) return { log, index: own };
      }
      return undefined;
    },
    add(id, month) {
      const log = logOf(month);
      return { log, index: log.append(id) };
    },
  };
}

function requireGood({ faults }: OpenedDoor): void {
  const [first] = faults;
  if (!first) return;
  const { code, file, line, message } = first;
  throw new SettlementError(
    "ACCEPTANCE_STOPPED",
    `the ledger breaks its rules (${faults.length} faults), so it takes no events until it is repaired; ` +
      `first: ${code} ${file}${line === null ? "" : `:${line}`} ${message}`,
  );
}
