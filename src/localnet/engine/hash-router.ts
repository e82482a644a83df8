import { signatureFault } from "./check-signature.ts";
import { localFault } from "./local-checks.ts";
import { type Transaction } from "./transaction.ts";

/** What a server remembers of a transaction id, so that it judges a signature once (rippled `HashRouter`). */
export interface HashRouter {
  /** Why the server will not look at the transaction, in rippled's words; the second time in other words. */
  fault(transaction: Transaction): string | undefined;
  /** Marks as held once without good reason; false when it was so marked before. */
  markHeld(id: string): boolean;
  /** Marks as malformed: the next time nothing of it is looked at. */
  markMalformed(id: string): void;
  isMalformed(id: string): boolean;
}

const remembered = 10_000;

type Verdict = "good" | "bad signature" | "bad locally";

export function hashRouter(): HashRouter {
  const verdicts = boundedMap<Verdict>();
  const held = boundedMap<true>();
  const malformed = boundedMap<true>();
  const judge = ({ id, json }: Transaction): string | undefined => {
    const signature = signatureFault(json);
    const fault = signature ?? localFault(json);
    if (signature !== undefined) verdicts.set(id, "bad signature");
    else verdicts.set(id, fault === undefined ? "good" : "bad locally");
    return fault;
  };
  return {
    fault(transaction) {
      switch (verdicts.get(transaction.id)) {
        case "good":
          return undefined;
        case "bad signature":
          return "Transaction has bad signature.";
        case "bad locally":
          return "Local checks failed.";
        default:
          return judge(transaction);
      }
    },
    markHeld(id) {
      if (held.get(id)) return false;
      held.set(id, true);
      return true;
    },
    markMalformed: (id) => malformed.set(id, true),
    isMalformed: (id) => malformed.get(id) === true,
  };
}

interface Bounded<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** A map that forgets the oldest of its entries when there are too many. */
export function boundedMap<Value>(limit: number = remembered): Bounded<Value> {
  const entries = new Map<string, Value>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) break;
        entries.delete(oldest);
      }
    },
  };
}
