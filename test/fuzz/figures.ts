import type { Fuzzed } from "./fuzz-one.ts";
import type { Outcome } from "./judge.ts";

/** What many runs came to. */
export interface Figures {
  readonly runs: number;
  /** By what they were made from and how. */
  readonly kinds: Readonly<Record<string, number>>;
  /** By verdict; `refused` is for bytes that are no proof at all. */
  readonly verdicts: Readonly<Record<Outcome["word"], number>>;
  /** The first layer that does not pass, or the code of the refusal: how far inputs come. */
  readonly reached: Readonly<Record<string, number>>;
  readonly slowest: { readonly ms: number; readonly run: number };
  /** Of the verdicts alone. */
  readonly verdictMs: number;
}

export const emptyFigures: Figures = {
  runs: 0,
  kinds: {},
  verdicts: { proven: 0, anchored: 0, unproven: 0, failed: 0, refused: 0, crashed: 0 },
  reached: {},
  slowest: { ms: 0, run: 0 },
  verdictMs: 0,
};

function placeReached(kind: string, outcome: Outcome): string {
  if (outcome.word === "crashed") return "crashed";
  if (outcome.word === "refused") return outcome.code;
  const { layers } = outcome.verdict;
  const open = layers.find(({ status }) => status === "fail") ?? layers.find(({ status }) => status === "unproven");
  return open ? `${kind}: ${open.layer} ${open.status}` : `${kind}: every layer passes`;
}

/** Adds up figures of single runs; faster than merging objects for each. */
export interface Tally {
  add(run: number, fuzzed: Fuzzed): void;
  figures(): Figures;
}

export function makeTally(): Tally {
  const verdicts = { ...emptyFigures.verdicts };
  const kinds = new Map<string, number>();
  const reached = new Map<string, number>();
  let [runs, verdictMs, slowest] = [0, 0, emptyFigures.slowest];
  return {
    add(run, { input, outcome, cpuMs }) {
      runs++;
      verdictMs += cpuMs;
      verdicts[outcome.word]++;
      const kind = input.made === "raw" ? "raw" : `${input.kind} ${input.made}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const place = placeReached(input.kind, outcome);
      reached.set(place, (reached.get(place) ?? 0) + 1);
      if (cpuMs > slowest.ms) slowest = { ms: cpuMs, run };
    },
    figures: () => ({
      runs,
      kinds: Object.fromEntries(kinds),
      verdicts: { ...verdicts },
      reached: Object.fromEntries(reached),
      slowest,
      verdictMs,
    }),
  };
}

function sums(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const names = Object.keys({ ...one, ...other });
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

export function merged(one: Figures, other: Figures): Figures {
  return {
    runs: one.runs + other.runs,
    kinds: sums(one.kinds, other.kinds),
    verdicts: sums(one.verdicts, other.verdicts) as Figures["verdicts"],
    reached: sums(one.reached, other.reached),
    slowest: other.slowest.ms > one.slowest.ms ? other.slowest : one.slowest,
    verdictMs: one.verdictMs + other.verdictMs,
  };
}

function mostFirst(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).toSorted(([, a], [, b]) => b - a));
}

/** The figures of a seed as they are told: what was most first, and rounded. */
export function figuresJson(figures: Figures, seed: number): Readonly<Record<string, unknown>> {
  const { runs, kinds, verdicts, reached, slowest, verdictMs } = figures;
  return {
    inputs: runs,
    kinds: mostFirst(kinds),
    verdicts,
    meanVerdictMs: Number((verdictMs / Math.max(1, runs)).toFixed(3)),
    slowestMs: Math.round(slowest.ms),
    slowestInput: `${seed}:${slowest.run}`,
    reached: mostFirst(reached),
  };
}
