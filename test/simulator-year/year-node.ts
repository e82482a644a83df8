import { logJob } from "../../jobs/job-log.ts";
import { patientLog } from "../../jobs/patient-log.ts";
import type { WorkDeps } from "../../jobs/work.ts";
import { openLog } from "../../src/adapters/pino-log.ts";
import type { State } from "../../src/adapters/sql-state.ts";
import { standingOf } from "../../src/compose-chain.ts";
import type { Clock, Log } from "../../src/ports.ts";
import { type Balance, balanceOf, balanceText } from "../../src/settle/balance.ts";
import type { Actor, Boundary } from "../simulator/boundary.ts";
import { serverPort } from "../simulator/server-port.ts";
import type { SimulatedServer } from "../simulator/server.ts";
import { archiveOf, ledgerOf, type SimulatedArchive, sqlOf } from "../simulator/stores.ts";
import type { Database } from "../simulator/database.ts";
import type { Trace } from "../simulator/trace.ts";
import { runJob, workerDeps } from "../simulator/worker.ts";
import { closeAfterMs } from "./year-plan.ts";
import type { YearLedger } from "./year-ledger.ts";
import type { YearQueue } from "./year-queue.ts";

/** What the node of a year runs on. */
export interface YearHost {
  readonly boundary: Boundary;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly database: Database;
  readonly state: State;
  readonly archive: SimulatedArchive;
  readonly events: YearLedger;
  readonly servers: readonly SimulatedServer[];
  readonly queue: YearQueue;
  readonly print: (text: string) => void;
  readonly hasColours: boolean;
  /** The account as the worker saw it last. */
  balance: Balance | undefined;
}

const feeCapDrops = 10_000;
/** As `--low-balance` has it by default. */
const lowAnchors = 100;
/** Ledgers close this slowly here. */
export const ledgerMs = 20_000;
/** The worker looks at a transaction this seldom, so that a year is over in seconds. */
const lookMs = 300_000;

/** What a worker process logs: at the level and in the style of a terminal. */
function terminalLog({ print, clock, hasColours }: YearHost): Log {
  return patientLog(openLog({ level: "info", style: hasColours ? "colours" : "text", write: print, clock }), clock);
}

function depsOf(actor: Actor, host: YearHost, log: Log): WorkDeps {
  const { boundary, trace, clock, queue, events, archive } = host;
  const deps = workerDeps({
    sql: sqlOf(actor, boundary, host.database.sql, () => undefined),
    ledger: ledgerOf(actor, boundary, events.ledger),
    archive: archiveOf(actor, boundary, archive),
    servers: host.servers.map((server) =>
      serverPort({ actor, boundary, trace, server, isSure: false, onSubmit: async () => undefined }),
    ),
    clock,
    enqueue: async (work) => queue.add(work),
    // As compose has it.
    log: (entry) =>
      log({
        level: "warn",
        message: [entry.message, entry["detail"] ?? entry["endpoint"]].join(": "),
        ...standingOf(entry),
      }),
    ledgerWindow: 20,
    feeCapDrops,
  });
  return {
    ...deps,
    log,
    lookMs,
    close: { ...deps.close, graceMs: closeAfterMs, judge: () => events.judge(clock()) },
    async lookAtChain() {
      const balance = balanceOf(await deps.anchor.chain.status(), lowAnchors);
      host.balance = balance;
      return balance.isLow ? [balanceText(balance)] : [];
    },
  };
}

/** Runs a worker process until it is killed. */
export function startYearWorker(actor: Actor, host: YearHost): void {
  const log = terminalLog(host);
  const deps = depsOf(actor, host, log);
  log({ level: "info", message: "worker runs", network: deps.network });
  void live();

  async function live(): Promise<void> {
    for (;;) {
      const work = await host.queue.take(actor);
      const startedMs = host.clock();
      const end = await runJob(work, deps);
      const outcome = "retry" in end ? "retry" : "failed" in end ? "failed" : "againInMs" in end ? "again" : "done";
      const error = "retry" in end ? end.retry : "failed" in end ? end.failed : undefined;
      const id = work.data.month === undefined ? work.job : `${work.job}-${work.data.month}`;
      logJob(log, { job: work.job, id, outcome, durationMs: host.clock() - startedMs, error });
      host.queue.finish(actor, work, end);
    }
  }
}
