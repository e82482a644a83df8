import { type Month, monthsBetween, nextMonth, parseMonth } from "../../src/core/month.ts";
import { chanceOf } from "../simulator/chance.ts";

const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** Something that goes wrong for a time. */
export interface YearFault {
  readonly kind: "server down" | "disk full" | "database down" | "fee spike" | "killed" | "no money" | "bad event";
  readonly atMs: number;
  readonly forMs: number;
  readonly target: number;
}

export interface YearPlan {
  readonly months: readonly Month[];
  readonly startMs: number;
  readonly endMs: number;
  readonly faults: readonly YearFault[];
  /** When releases come. */
  readonly releases: readonly number[];
}

/** First minute of the day on which a month is closed, milliseconds after its end. */
export const closeAfterMs = 20 * 60_000;

function startOf(month: Month): number {
  return Date.parse(`${month}-01T00:00:00Z`);
}

/**
 * A year of one seed: which month meets what, and when.
 *
 * @param count - how many of its months are run, from the first on
 */
export function yearPlan(seed: number, count = 12): YearPlan {
  const chance = chanceOf(seed, "year");
  const months = monthsBetween(parseMonth("2026-11"), parseMonth("2027-10"));
  const ends = months.map((month) => startOf(nextMonth(month)));
  const endMs = (ends[count - 1] ?? 0) + 3 * dayMs;
  const order = months.map((_, at) => at);
  // The first month names the ledger's first head; the troubles that need a human come over two others.
  const pickEnd = (): number => ends[order.splice(1 + chance.below(order.length - 2), 1)[0] ?? 1] ?? 0;
  const closing = (kind: YearFault["kind"], forMs: number): YearFault => ({
    kind,
    atMs: pickEnd() + closeAfterMs - 60_000,
    forMs,
    target: chance.below(3),
  });
  const faults: YearFault[] = [
    closing("no money", 2 * dayMs),
    closing("bad event", dayMs),
    closing("fee spike", 5 * hourMs),
    closing("disk full", hourMs),
    closing("server down", dayMs),
    closing("database down", hourMs),
  ];
  for (const end of ends) {
    const atMs = end + closeAfterMs + chance.below(40_000);
    if (chance.happens(0.4)) faults.push({ kind: "killed", atMs, forMs: 0, target: 0 });
    const middle = end - chance.between(5, 20) * dayMs;
    if (chance.happens(0.3)) faults.push({ kind: "server down", atMs: middle, forMs: dayMs, target: chance.below(3) });
  }
  const releases = months.flatMap((month, at) =>
    Array.from({ length: 2 + at + chance.below(3) }, () =>
      chance.between(startOf(month) + dayMs, (ends[at] ?? 0) - hourMs),
    ).toSorted((a, b) => a - b),
  );
  return {
    months: months.slice(0, count),
    startMs: startOf(months[0] ?? parseMonth("2026-11")),
    endMs,
    faults,
    releases,
  };
}
