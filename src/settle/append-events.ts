import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import type { Clock, SharedLedger } from "../ports.ts";
import type { OpenedDoor } from "../validate/door.ts";
import { growingLog, openLogs } from "./accept-log.ts";
import { type Held, planAdditions, type Refused } from "./accept-plan.ts";
import type { AcceptState } from "./accept-state.ts";

export interface AppendDeps {
  readonly ledger: SharedLedger;
  /** Reads and judges the ledger that `ledger` writes to. */
  readonly openDoor: () => Promise<OpenedDoor>;
  readonly clock: Clock;
  /** Time after its end at which a month may be closed, milliseconds. */
  readonly graceMs: number;
  readonly sha256: Sha256;
}

/** What became of an event: as at the door of a settlement node, but that nobody promises anything. */
export type Appended = Refused | Omit<Held, "leaf">;

/**
 * Adds events to a ledger by hand, judged by every rule of its door; durable once it resolves. A bad event does not keep
 * the others out, and one that the ledger holds is not added again.
 *
 * Runs in the ledger's `alone`.
 *
 * @param handed - each the bytes of one event's JSON or its JSON value
 * @throws SettlementError `ACCEPTANCE_STOPPED` for a ledger with errors; those of the ledger port
 */
export async function appendEvents(handed: readonly unknown[], deps: AppendDeps): Promise<readonly Appended[]> {
  const { ledger, clock, graceMs } = deps;
  const state = await openGood(deps);
  const candidates = await Promise.all(handed.map((each) => state.door.read(each)));
  const { outcomes, additions } = planAdditions(candidates, state, { nowUnixMs: clock(), graceMs });
  let now = state.version;
  for (const { month, events } of additions) now = await ledger.extend(now, month, events);
  return outcomes.map((each) => (each.state === "refused" ? each : { state: each.state, id: each.id }));
}

/** The ledger as it stands; what a crash has torn is mended first. */
async function openGood(deps: AppendDeps): Promise<AcceptState> {
  const { ledger, openDoor, sha256 } = deps;
  let version = await ledger.version();
  let opened = await openDoor();
  if (opened.faults.some(({ code }) => code === "PARTITION_TORN")) {
    await ledger.mend();
    version = await ledger.version();
    opened = await openDoor();
  }
  const [first] = opened.faults;
  if (!first) return stateOf(version, opened, sha256);
  const { code, file, line, message } = first;
  throw new SettlementError(
    "ACCEPTANCE_STOPPED",
    `the ledger breaks its rules (${opened.faults.length} faults), so it takes no events until it is repaired; ` +
      `first: ${code} ${file}${line === null ? "" : `:${line}`} ${message}`,
  );
}

/** The ledger in memory. Its logs are made for their places alone: without a key nothing of them is signed. */
function stateOf(version: string, { door, partitions, closed, settlement }: OpenedDoor, sha256: Sha256): AcceptState {
  const host = settlement?.host ?? "localhost";
  const { ledger, months, oldest } = openLogs({ host, partitions, closed }, { sha256 });
  const later = growingLog(host, { sha256 });
  let first = oldest;
  return {
    version,
    door,
    months: () => ({ oldest: first, hasClosed: closed.length > 0 }),
    leafOf(id) {
      for (const log of [ledger, later, ...months.values()]) {
        const index = log.indexOf(id);
        if (index !== undefined) return { log, index };
      }
      return undefined;
    },
    add(id, month) {
      first ??= month;
      const log = month <= first ? ledger : later;
      return { log, index: log.append(id) };
    },
  };
}
