// A process that fuzzes its share of the runs. It may die of what it finds: the file it writes says at which run it is.
import { openSync, writeSync } from "node:fs";
import { type FailureNote, fuzzRuns, type RangeResult } from "./fuzz-range.ts";
import { verifier } from "./judge.ts";
import { makeOracle } from "./oracle.ts";
import { readSeeds } from "./seeds.ts";

/** What a process is given. It takes the runs `first`, `first + jobs`, … below `runs`. */
export interface Share {
  readonly seed: number;
  readonly limitMs: number;
  readonly runs: number;
  readonly jobs: number;
  readonly first: number;
  /** Eight bytes: the run it is at, as a double in the order of this machine. */
  readonly place: string;
}

/** What it comes back with. */
export interface ShareDone extends Pick<RangeResult, "figures"> {
  readonly failures: readonly FailureNote[];
  /** Live heap at the end against that after the first tenth, bytes. */
  readonly heapGrowthBytes: number;
  /** Most memory of the process against the most in its first fifth, bytes. */
  readonly rssGrowthBytes: number;
  readonly cpuSeconds: number;
}

function liveHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function fuzzShare({ seed, limitMs, runs, jobs, first, place }: Share): ShareDone {
  const seeds = readSeeds();
  const options = { seeds, seed, limitMs, oracle: makeOracle(seeds), verifier };
  const file = openSync(place, "w");
  const at = new Float64Array(1);
  const share = Math.ceil((runs - first) / jobs);
  let [own, warmHeap, warmRss, peakRss] = [0, 0, 0, 0];
  const watch = (): void => {
    if (own === Math.ceil(share / 10)) warmHeap = liveHeap();
    if (own % 64 !== 0) return;
    const rss = process.memoryUsage.rss();
    if (own <= share / 5) warmRss = Math.max(warmRss, rss);
    else peakRss = Math.max(peakRss, rss);
  };
  const { figures, failures } = fuzzRuns(options, () => {
    if (own === share) return undefined;
    const run = first + jobs * own++;
    at[0] = run;
    writeSync(file, at, 0, 8, 0);
    watch();
    return run;
  });
  const { user, system } = process.cpuUsage();
  return {
    figures,
    failures: failures.map(({ bytes: _bytes, ...note }) => note),
    heapGrowthBytes: liveHeap() - warmHeap,
    rssGrowthBytes: warmRss === 0 ? 0 : Math.max(0, peakRss - warmRss),
    cpuSeconds: (user + system) / 1e6,
  };
}

process.once("message", (share: Share) => {
  process.send?.(fuzzShare(share), () => process.disconnect());
});
