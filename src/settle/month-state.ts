import { SettlementError } from "../core/error.ts";
import type { Month } from "../core/month.ts";
import type { Clock, PartitionRecord, Partitions, PartitionState } from "../ports.ts";

export interface MonthStateDeps {
  readonly partitions: Partitions;
  readonly clock: Clock;
}

/** Facts of a new state. */
interface StateFacts {
  readonly manifestHash?: string | undefined;
  /** What a human should read, its code in front. */
  readonly reason?: string | undefined;
}

/** How far a month has come; a rejected one has to begin again. */
const rank: Readonly<Record<PartitionState, number>> = {
  rejected: 0,
  open: 0,
  closing: 1,
  closed: 2,
  anchoring: 3,
  anchored: 4,
  proven: 5,
};

/** A month that XRPL has witnessed is not rejected any more, and one that is further on does not go back. */
function isBehind(state: PartitionState, known: PartitionState): boolean {
  return state === "rejected" ? rank[known] >= rank.anchored : rank[known] > rank[state];
}

/** More than so many others never move one month at once. */
const tries = 8;

function isSaid(record: PartitionRecord | undefined, state: PartitionState, facts: StateFacts): boolean {
  return (
    record?.state === state &&
    record.reason === facts.reason &&
    (record.manifestHash ?? "") === (facts.manifestHash ?? "")
  );
}

/**
 * Writes down how far a month has come. The files under `anchors/` decide; this record follows them, so whoever is behind
 * leaves what another has written down further on.
 *
 * @throws SettlementError `PARTITION_STATE_CONFLICT` after many races, `STATE_UNAVAILABLE`
 */
export async function noteState(
  { partitions, clock }: MonthStateDeps,
  { origin, month }: { readonly origin: string; readonly month: Month },
  state: PartitionState,
  facts: StateFacts = {},
): Promise<void> {
  for (let looks = 1; ; looks++) {
    const record = await partitions.get(origin, month);
    if (isSaid(record, state, facts) || (record && isBehind(state, record.state))) return;
    const { manifestHash, reason } = facts;
    try {
      await partitions.move(record?.state, {
        origin,
        month,
        state,
        ...(manifestHash === undefined ? {} : { manifestHash }),
        ...(reason === undefined ? {} : { reason }),
        changedUnixMs: clock(),
      });
      return;
    } catch (error) {
      const isRace = error instanceof SettlementError && error.code === "PARTITION_STATE_CONFLICT";
      if (!isRace || looks >= tries) throw error;
    }
  }
}
