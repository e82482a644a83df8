import type { JsonObject } from "../../src/core/json.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import type { Work } from "../../jobs/work.ts";
import type { Ledger } from "../../src/ports.ts";
import type { SqlRow } from "../../src/adapters/sql.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { type Actor, type Boundary, silence } from "./boundary.ts";
import type { Database } from "./database.ts";
import type { Plan } from "./plan.ts";
import type { SimulatedQueue } from "./queue.ts";
import type { SimulatedServer } from "./server.ts";
import { archiveOf, ledgerOf, type SimulatedArchive, sqlOf } from "./stores.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";
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
  wasWiped: boolean;
}

export interface HostWorld {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly boundary: Boundary;
  readonly ledger: Ledger;
  readonly servers: readonly SimulatedServer[];
  /** Hears of each row of an attempt that a statement gave back. */
  readonly onAttempt: (host: Host, row: SqlRow) => void;
  /** Hears of what a worker hands to a server, before the server has it. */
  readonly onSubmit: (host: Host, blob: Uint8Array) => Promise<void>;
  /** Hears of a job that ended with no success, and of a worker that broke. */
  readonly onFault: (host: Host, what: string, error: unknown) => void;
}

/** A worker waits so long for an answer of a server. */
const timeoutMs = 10_000;
const serverMs = 150;
const restartMs = 5000;

function serverOf(host: Host, actor: Actor, server: SimulatedServer, world: HostWorld): XrplServer {
  const unreachable = (): SettlementError => new SettlementError("CHAIN_UNREACHABLE", `${server.name} does not answer`);
  return {
    endpoint: `wss://${server.name}`,
    close: async () => undefined,
    request: (command, parameters: JsonObject = {}) =>
      world.boundary.perform(actor, {
        on: "xrpl",
        what: `${server.name} ${command}${shortParameters(parameters)}`,
        latencyMs: serverMs,
        timeoutMs,
        isSure: world.plan.deceit === "witnessed" && server === world.servers[world.plan.wholeServer],
        failure: unreachable,
        async effect() {
          const blob = parameters["tx_blob"];
          if (command === "submit" && typeof blob === "string") await world.onSubmit(host, fromHex(blob));
          if (server.failing.isSilent) {
            world.trace.fault("silent server", server.name, command);
            throw silence;
          }
          const answer = server.answer(command, parameters);
          if (answer === undefined) throw unreachable();
          return answer;
        },
        told: shortAnswer,
      }),
  };
}

function shortParameters(parameters: JsonObject): string {
  const { transaction, ledger_index: index, account } = parameters;
  if (typeof transaction === "string") return ` ${transaction.slice(0, 8)}`;
  return index === undefined ? (account === undefined ? "" : "") : ` ${String(index)}`;
}

function shortAnswer(answer: JsonObject): string {
  const parts = [
    answer["error"],
    answer["engine_result"],
    answer["ledger_index"] === undefined ? undefined : `ledger ${String(answer["ledger_index"])}`,
    answer["validated"] === undefined ? undefined : answer["validated"] === true ? "validated" : "not validated",
    Array.isArray(answer["transactions"]) ? `${answer["transactions"].length} transactions` : undefined,
    sequenceIn(answer),
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function sequenceIn(answer: JsonObject): string | undefined {
  const data = answer["account_data"] as JsonObject | undefined;
  return data === undefined ? undefined : `Sequence ${String(data["Sequence"])}`;
}

/** Starts a worker process on a host; it lives until it is killed. */
export function startWorker(host: Host, name: string, world: HostWorld): void {
  const actor: Actor = { name, isAlive: true, pausedUntilMs: 0 };
  host.actors.push(actor);
  const { boundary, plan, timeline } = world;
  const deps = workerDeps({
    sql: sqlOf(actor, boundary, host.database.sql, (row) => world.onAttempt(host, row)),
    ledger: ledgerOf(actor, boundary, world.ledger),
    archive: archiveOf(actor, boundary, host.archive),
    servers: orderedFor(name, world.servers).map((server) => serverOf(host, actor, server, world)),
    clock: () => Math.floor(timeline.nowMs() + host.skewMs),
    enqueue: async (work: Work) => host.queue.add(work),
    log: ({ level, message, ...fields }) => {
      if (level !== "debug") world.trace.note(name, `log: ${message} ${JSON.stringify(fields)}`);
    },
    ledgerWindow: plan.ledgerWindow,
    feeCapDrops: plan.feeCapDrops,
  });
  void live();

  async function live(): Promise<void> {
    for (;;) {
      const work = await host.queue.take(actor);
      const what = `${work.job}${work.data.month === undefined ? "" : ` ${work.data.month}`}`;
      world.trace.note(name, `job ${what}`);
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
