import type { Work, WorkDeps } from "../../jobs/work.ts";
import { settlementJobs, workId } from "../../jobs/settlement-jobs.ts";
import type { State } from "../../src/adapters/sql-state.ts";
import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { memoryNotices } from "../../src/adapters/memory-notices.ts";
import { memoryPartitions } from "../../src/adapters/memory-partitions.ts";
import type { Chain, LogEntry } from "../../src/ports.ts";
import type { LedgerSource } from "../../src/settle/ledger-view.ts";
import { noticeOf } from "../../src/settle/notices.ts";
import { testAnchorDeps, testCloseDeps } from "./settle.ts";

export type WorkState = Pick<State, "attempts" | "heads" | "partitions" | "notices">;

export function memoryWorkState(): WorkState {
  return {
    attempts: memoryAttempts(),
    heads: memoryHeads(),
    partitions: memoryPartitions(),
    notices: memoryNotices(),
  };
}

/** A worker without a queue of its own: work waits in a list until {@link TestWorker.drain} has done all of it. */
export interface TestWorker {
  readonly deps: WorkDeps;
  readonly log: LogEntry[];
  /** What waits, in order. */
  readonly waiting: () => readonly string[];
  run(work: Work): Promise<void>;
  /** Runs what waits until nothing does; what fails is left out and returned by name and code. */
  drain(): Promise<readonly string[]>;
}

export interface TestWorkerOptions {
  readonly state: WorkState;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Nobody is listened to by default. */
  readonly prove?: WorkDeps["prove"];
}

export function testWorker(
  source: LedgerSource,
  chain: Chain,
  { state, now, prove = () => undefined }: TestWorkerOptions,
): TestWorker {
  const queue = new Map<string, Work>();
  const log: LogEntry[] = [];
  const { key, sha256, newDigest, newLogs, verify } = testAnchorDeps(source, chain);
  const { newSecondRoot } = testCloseDeps(source, 0);
  const enqueue = (work: Work): Promise<void> => {
    if (!queue.has(workId(work))) queue.set(workId(work), work);
    return Promise.resolve();
  };
  const deps: WorkDeps = {
    network: "local",
    clock: now,
    partitions: state.partitions,
    close: { ...testCloseDeps(source, 0), clock: now, heads: state.heads },
    tell: (fact) => state.notices.record(noticeOf(fact, now())),
    anchor: { ...source, chain, attempts: state.attempts, key, sha256, newDigest, newLogs, verify },
    publish: { ...source, key, sha256, newDigest, newLogs, newSecondRoot, verify, publishers: () => [] },
    deliver: () => Promise.resolve(undefined),
    signCheckpoints: () => Promise.resolve(new Map()),
    lookAtChain: () => Promise.resolve([]),
    lookMs: 25,
    proveMs: 25,
    prove,
    log: (entry) => void log.push(entry),
    enqueue,
  };
  const run = async (work: Work): Promise<void> => {
    const result = await settlementJobs[work.job](work.data, deps);
    if (!("againInMs" in result)) return;
    await new Promise((resolve) => setTimeout(resolve, result.againInMs));
    await enqueue(work);
  };
  return {
    deps,
    log,
    waiting: () => [...queue.keys()],
    run,
    async drain() {
      const failed: string[] = [];
      for (let [next] = queue; next; [next] = queue) {
        const [id, work] = next;
        queue.delete(id);
        try {
          await run(work);
        } catch (error) {
          failed.push(`${id} ${error instanceof Error && "code" in error ? String(error.code) : String(error)}`);
        }
      }
      return failed;
    },
  };
}
