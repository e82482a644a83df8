import { fuzzRange, type RangeResult } from "./fuzz-range.ts";
import { verifier, type Verifier } from "./judge.ts";
import { makeOracle } from "./oracle.ts";
import { readSeeds, type SeedSet } from "./seeds.ts";

const names = [
  "no XPOP",
  "a month of one event",
  "jsonl dialect",
  "xpop of jsonl dialect",
  "list form",
  "chain of headers",
];

const all = readSeeds();

/** Those that take the least time, enough to come to every layer. */
export const fewSeeds: SeedSet = { ...all, seeds: all.seeds.filter(({ name }) => names.includes(name)) };

const oracle = makeOracle(fewSeeds);

export interface FewOptions {
  readonly verifier?: Verifier;
  readonly limitMs?: number;
}

/** Runs of a few seeds in this process. */
export function fuzzFew(
  from: number,
  to: number,
  { verifier: tried = verifier, limitMs = 20_000 }: FewOptions = {},
): RangeResult {
  return fuzzRange({ seeds: fewSeeds, oracle, seed: 1, limitMs, verifier: tried }, from, to);
}

/** The first fault that a verifier shows within some thousand inputs: what is blind is mostly found soon. */
export function firstFault(tried: Verifier): string {
  for (let from = 0; from < 4000; from += 50) {
    const [found] = fuzzFew(from, from + 50, { verifier: tried }).failures;
    if (found) return found.fault;
  }
  return "none";
}
