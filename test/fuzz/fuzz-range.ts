import { type Figures, makeTally } from "./figures.ts";
import { type FuzzOptions, fuzzOne } from "./fuzz-one.ts";
import type { PinName } from "./make-input.ts";

/** A run that showed a fault of the verifier. */
export interface FailureNote {
  readonly run: number;
  readonly fault: string;
  readonly pins: PinName;
  readonly trail: readonly string[];
}

interface Failure extends FailureNote {
  readonly bytes: Uint8Array;
}

export interface RangeResult {
  readonly figures: Figures;
  readonly failures: readonly Failure[];
}

/** Faults of one kind show again and again. */
const maxFailures = 100;

/**
 * Runs that somebody hands out.
 *
 * @param next - the next run, or undefined at the end
 */
export function fuzzRuns(options: FuzzOptions, next: () => number | undefined): RangeResult {
  const tally = makeTally();
  const failures: Failure[] = [];
  for (let run = next(); run !== undefined; run = next()) {
    const fuzzed = fuzzOne(run, options);
    tally.add(run, fuzzed);
    const { input, fault } = fuzzed;
    if (fault !== undefined && failures.length < maxFailures)
      failures.push({ run, fault, pins: input.pins, trail: input.trail, bytes: input.bytes });
  }
  return { figures: tally.figures(), failures };
}

/** Runs `from` to `to`, without `to`. */
export function fuzzRange(options: FuzzOptions, from: number, to: number): RangeResult {
  let run = from;
  return fuzzRuns(options, () => (run < to ? run++ : undefined));
}
