// A process that fuzzes its share. It may hang or die of what it finds: the file it writes says at which input it is.
import { openSync, writeSync } from "node:fs";
import { type FailureNote, fuzzRuns, type RangeResult } from "./fuzz-range.ts";
import { type Verifier, verifier } from "./judge.ts";
import type { MemorySample } from "./memory.ts";
import { makeOracle } from "./oracle.ts";
import { readSeeds } from "./seeds.ts";

/** What a process is given. It takes the runs `from`, `from + jobs`, … below `inputs`. */
export interface Share {
  readonly seed: number;
  readonly limitMs: number;
  readonly inputs: number;
  readonly jobs: number;
  readonly from: number;
  /** Runs to leave out: another process hung or died of them. */
  readonly skip: readonly number[];
  /** A file of eight bytes: the run it is at, as a double in the order of this machine. */
  readonly place: string;
  /** Address of a module whose `verifier` is tried in place of ours. */
  readonly verifier?: string;
}

/** What it tells every now and then. */
export interface Slice extends MemorySample, Pick<RangeResult, "figures"> {
  readonly failures: readonly FailureNote[];
  /** The run that comes next; at or past the end, it was the last slice. */
  readonly next: number;
  readonly cpuSeconds: number;
}

/** Inputs of a slice: about a second. */
const sliceInputs = 500;

async function verifierOf(address: string | undefined): Promise<Verifier> {
  return address === undefined ? verifier : ((await import(address)) as { readonly verifier: Verifier }).verifier;
}

function told(slice: Slice): Promise<void> {
  return new Promise((resolve, reject) => {
    // Nobody listens any more when the first process is gone.
    process.send?.(slice, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

async function fuzzShare({ seed, limitMs, inputs, jobs, from, skip, place, ...rest }: Share): Promise<void> {
  const seeds = readSeeds();
  const options = { seeds, seed, limitMs, oracle: makeOracle(seeds), verifier: await verifierOf(rest.verifier) };
  const file = openSync(place, "w");
  const at = new Float64Array(1);
  let [run, cpuBefore] = [from, process.cpuUsage()];
  const take = (): number => {
    const own = run;
    run += jobs;
    at[0] = own;
    writeSync(file, at, 0, 8, 0);
    return own;
  };
  for (;;) {
    let left = sliceInputs;
    const { figures, failures } = fuzzRuns(options, () => {
      while (skip.includes(run)) run += jobs;
      return run < inputs && left-- > 0 ? take() : undefined;
    });
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuBefore = process.cpuUsage();
    globalThis.gc?.();
    const { rss: rssBytes, heapUsed, external } = process.memoryUsage();
    const liveBytes = heapUsed + external;
    const notes = failures.map(({ bytes: _bytes, ...note }) => note);
    await told({ figures, failures: notes, next: run, rssBytes, liveBytes, cpuSeconds: (user + system) / 1e6 });
    if (run >= inputs) return;
  }
}

process.once("message", (share: Share) => {
  void fuzzShare(share).finally(() => {
    if (process.connected) process.disconnect();
  });
});
