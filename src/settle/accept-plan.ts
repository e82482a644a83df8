import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { Candidate } from "../validate/door.ts";
import { factsOf, type FindingCode } from "../validate/finding-codes.ts";
import { destinationOf, type Grace } from "./accept-month.ts";
import type { AcceptState, HeldLeaf } from "./accept-state.ts";

/** An event that is not taken. */
export interface Refused {
  readonly state: "refused";
  /** Absent where it cannot be read. */
  readonly id?: string;
  readonly code: FindingCode;
  readonly reason: string;
  /** What to do about it. */
  readonly hint: string;
}

/** An event that the ledger holds: added now, or before. */
export interface Held {
  readonly state: "accepted" | "known";
  readonly id: string;
  readonly leaf: HeldLeaf;
}

/** Events that go to one file, in order. */
interface Addition {
  readonly month: Month;
  readonly events: LedgerEvent[];
}

export interface Plan {
  /** In the order of the candidates. */
  readonly outcomes: readonly (Refused | Held)[];
  readonly additions: readonly Addition[];
}

/**
 * Judges events one after the other, each as if those before it were in the ledger already; so they are in `state` from
 * then on.
 */
export function planAdditions(candidates: readonly Candidate[], state: AcceptState, grace: Grace): Plan {
  const additions = new Map<string, Addition>();
  const tally = state.door.tally();
  const outcomes = candidates.map((candidate): Refused | Held => {
    const { event } = candidate.entry;
    const [fault] = candidate.faults;
    if (!event || fault) return refused(event, fault?.code ?? "EVENT_MALFORMED", fault?.message ?? "it is no event");
    const known = state.door.known(event.id);
    if (known) return heldBefore(event, known, state);
    const destination = destinationOf(event, state.door.dialect() ?? event.dialect, state.months(), grace);
    if ("code" in destination) return refused(event, destination.code, destination.reason);
    const { month } = destination;
    const [error] = state.door.admit(candidate, { month, nowUnixMs: grace.nowUnixMs, tally });
    if (error) return refused(event, error.code, error.message);
    const file = state.door.isOneList() ? "" : month;
    const addition = additions.get(file) ?? { month, events: [] };
    additions.set(file, addition);
    addition.events.push(event);
    return { state: "accepted", id: event.id, leaf: state.add(event.id, month) };
  });
  return { outcomes, additions: [...additions.values()] };
}

function refused(event: LedgerEvent | undefined, code: FindingCode, reason: string): Refused {
  return { state: "refused", ...(event ? { id: event.id } : {}), code, reason, hint: factsOf(code).hint };
}

/**
 * An id covers everything but the signature, so with the same signature it is the same event. With another one it is
 * not: somebody else may have signed the same words, and the ledger does not hold that.
 */
function heldBefore(
  event: LedgerEvent,
  known: { readonly signature: string; readonly keyId?: string },
  state: AcceptState,
): Refused | Held {
  const leaf = state.leafOf(event.id);
  if (!leaf) throw new TypeError(`event ${event.id} is known and in no log`);
  if (known.signature === event.signature && known.keyId === event.keyId) return { state: "known", id: event.id, leaf };
  return refused(event, "EVENT_SIGNED_OTHERWISE", `the ledger holds ${event.id} with another signature or key id`);
}
