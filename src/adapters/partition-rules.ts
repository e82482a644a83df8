import { SettlementError } from "../core/error.ts";
import type { PartitionRecord, PartitionState } from "../ports.ts";
import { readableText, requireStorable } from "./state-texts.ts";

const forward: readonly PartitionState[] = ["open", "closing", "closed", "anchoring", "anchored", "proven"];

/**
 * A month goes forward, over states that were passed while nobody wrote them down: files that were found decide. It stays
 * what it is for another reason; it is rejected until it is anchored, and goes on from there to any state.
 */
function isForward(from: PartitionState, to: PartitionState): boolean {
  if (from === "rejected") return true;
  if (to === "rejected") return forward.indexOf(from) < forward.indexOf("anchored");
  return forward.indexOf(to) >= forward.indexOf(from);
}

/** What was begun and is given up. */
const back: Readonly<Partial<Record<PartitionState, PartitionState>>> = { closing: "open", anchoring: "closed" };

/** May a month go from one state to another? One that was never recorded may be found in any. */
export function isPartitionStep(from: PartitionState | undefined, to: PartitionState): boolean {
  return from === undefined || isForward(from, to) || back[from] === to;
}

/** Is this the step that closes a month? */
export function isClose(from: PartitionState | undefined, to: PartitionState): boolean {
  return to === "closed" && (from === "open" || from === "closing");
}

export function otherPartitionState(
  before: PartitionState | undefined,
  { month, state }: PartitionRecord,
): SettlementError {
  return new SettlementError(
    "PARTITION_STATE_CONFLICT",
    before === undefined
      ? `${month} cannot begin as ${state}, for it is recorded already; look at it again`
      : `${month} cannot go from ${before} to ${state}, or is not ${before} any more; look at it again`,
  );
}

/** What is kept of a record. @throws SettlementError `STATE_UNAVAILABLE` */
export function keptRecord({
  origin,
  month,
  state,
  manifestHash,
  reason,
  changedUnixMs,
}: PartitionRecord): PartitionRecord {
  requireStorable(origin, month, manifestHash ?? "");
  return {
    origin,
    month,
    state,
    ...(manifestHash === undefined ? {} : { manifestHash }),
    ...(reason === undefined ? {} : { reason: readableText(reason) }),
    changedUnixMs,
  };
}
