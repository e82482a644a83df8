import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { fuzzRuns, type RangeResult } from "./fuzz-range.ts";
import { verifier } from "./judge.ts";
import { makeOracle } from "./oracle.ts";
import { readSeeds } from "./seeds.ts";

/** What a thread is given. */
export interface WorkerData {
  readonly seed: number;
  readonly limitMs: number;
  /** Runs there are. */
  readonly runs: number;
  /** Place 0: the next run to be taken, shared by all threads. Place `slot`: the run this thread is at. */
  readonly board: Int32Array<SharedArrayBuffer>;
  readonly slot: number;
}

/** What it comes back with. */
export interface WorkerDone extends RangeResult {
  /** Live heap at the end against that after the first tenth, bytes. */
  readonly heapGrowthBytes: number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function liveHeap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const { seed, limitMs, runs, board, slot } = workerData as WorkerData;
const seeds = readSeeds();
const options = { seeds, seed, limitMs, oracle: makeOracle(seeds), verifier };
const share = runs / (board.length - 1);
let own = 0;
let warmBytes = 0;
const result = fuzzRuns(options, () => {
  if (++own === Math.ceil(share / 10)) warmBytes = liveHeap();
  const run = Atomics.add(board, 0, 1);
  Atomics.store(board, slot, run);
  return run < runs ? run : undefined;
});
const heapGrowthBytes = warmBytes === 0 ? 0 : liveHeap() - warmBytes;
parentPort?.postMessage({ ...result, heapGrowthBytes } satisfies WorkerDone, []);
