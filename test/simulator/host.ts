import type { Work } from "../../jobs/work.ts";
import type { SqlRow } from "../../src/adapters/sql.ts";
import type { Ledger } from "../../src/ports.ts";
import type { Actor, Boundary } from "./boundary.ts";
import type { Database } from "./database.ts";
import type { Plan } from "./plan.ts";
import type { SimulatedQueue } from "./queue.ts";
import { serverPort } from "./server-port.ts";
import type { SimulatedServer } from "./server.ts";
import { archiveOf, ledgerOf, type SimulatedArchive, sqlOf } from "./stores.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";
import type { Witnesses } from "./witnesses.ts";
import { runJob, workerDeps } from "./worker.ts";

/** A machine with its state database, its queue, its clock and its worker processes. */
export interface Host {
  readonly name: string;
  readonly database: Database;
  readonly archive: SimulatedArchive;
  readonly queue: SimulatedQueue;
  readonly actors: Actor[];
  /** How far its clock is ahead. */
  skewMs: number;
  isDatabaseDown: boolean;
  isDiskDown: boolean;
  /** Months that its database called proven when it was looked at last. */
  proven: number;
  wasWiped: boolean;
}

export interface HostWorld {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly boundary: Boundary;
  readonly ledger: Ledger;
  readonly servers: readonly SimulatedServer[];
  readonly witnesses: Witnesses | undefined;
  /** Hears of each row that a statement changed and gave back. */
  readonly onChange: (host: Host, table: string, row: SqlRow) => void;
  /** Hears of what a worker hands to a server, before the server has it. */
  readonly onSubmit: (host: Host, blob: Uint8Array) => Promise<void>;
  /** Hears of a job that ended with no success, and of a worker that broke. */
  readonly onFault: (host: Host, what: string, error: unknown) => void;
}

const restartMs = 5000;

/** Starts a worker process on a host; it lives until it is killed. */
export function startWorker(host: Host, name: string, world: HostWorld): void {
  const actor: Actor = { name, isAlive: true, pausedUntilMs: 0 };
  host.actors.push(actor);
  const { boundary, plan, timeline, trace } = world;
  const onSubmit = (blob: Uint8Array): Promise<void> => world.onSubmit(host, blob);
  const witness = plan.deceit === "witnessed" ? world.servers[plan.wholeServer] : undefined;
  const deps = workerDeps({
    sql: sqlOf(actor, boundary, host.database.sql, (table, row) => world.onChange(host, table, row)),
    ledger: ledgerOf(actor, boundary, world.ledger),
    archive: archiveOf(actor, boundary, host.archive),
    servers: orderedFor(name, world.servers).map((server) =>
      serverPort({ actor, boundary, trace, server, isSure: server === witness, onSubmit }),
    ),
    clock: () => Math.floor(timeline.nowMs() + host.skewMs),
    enqueue: async (work: Work) => host.queue.add(work),
    log: ({ level, message, ...fields }) => {
      if (level !== "debug") trace.note(name, `log: ${message} ${JSON.stringify(fields)}`);
    },
    ledgerWindow: plan.ledgerWindow,
    feeCapDrops: plan.feeCapDrops,
    witness: world.witnesses?.ofWorker(actor, boundary),
  });
  void live();

  async function live(): Promise<void> {
    for (;;) {
      const work = await host.queue.take(actor);
      const what = `${work.job}${work.data.month === undefined ? "" : ` ${work.data.month}`}`;
      trace.note(name, `job ${what}`);
      const end = await runJob(work, deps);
      const error = "retry" in end ? end.retry : "failed" in end ? end.failed : undefined;
      if (error !== undefined) world.onFault(host, `${name} ${what}`, error);
      host.queue.finish(actor, work, end);
    }
  }
}

/** Workers prefer different servers. */
function orderedFor(name: string, servers: readonly SimulatedServer[]): readonly SimulatedServer[] {
  const first = name.charCodeAt(name.length - 1) % servers.length;
  return [...servers.slice(first), ...servers.slice(0, first)];
}

/** Ends a worker process; another one takes its place after a while. */
export function killWorker(host: Host, actor: Actor, world: HostWorld, why: string): void {
  if (!actor.isAlive) return;
  actor.isAlive = false;
  host.actors.splice(host.actors.indexOf(actor), 1);
  world.trace.note(actor.name, `is dead, ${why}`);
  world.timeline.after(restartMs, () => {
    world.trace.note(actor.name, "starts again");
    startWorker(host, actor.name, world);
  });
}
