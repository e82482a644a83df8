import type { JobEvent } from "../../../jobs/lane.ts";
import { SettlementError } from "../../core/error.ts";

/** What goes wrong at present. */
export interface Faults {
  /** A job that gets on has no fault any more. */
  note(event: JobEvent): void;
  /** Looks at the chain, and remembers how that went. */
  looking<T>(look: () => Promise<T>): Promise<T>;
  /** Each with the month it is about in front, where it is about one. */
  texts(): readonly string[];
}

function reasonOf(job: string, error: unknown): string {
  return error instanceof SettlementError
    ? `${error.code}: ${error.message}`
    : `a bug in ${job}; the log has its stack`;
}

export function faultsNow(): Faults {
  const faults = new Map<string, string>();
  const chain = "chain";
  return {
    note({ job, id, outcome, error }) {
      // What failed for good is kept by the queue.
      if (outcome !== "retry" || error === undefined) return void faults.delete(id);
      const month = /\d{4}-\d{2}$/.exec(id)?.[0];
      faults.set(id, `${month === undefined ? "" : `${month}: `}${reasonOf(job, error)}`);
    },
    async looking(look) {
      try {
        const seen = await look();
        faults.delete(chain);
        return seen;
      } catch (error) {
        faults.set(chain, reasonOf("looking at the chain", error));
        throw error;
      }
    },
    texts: () => [...faults.values()],
  };
}
