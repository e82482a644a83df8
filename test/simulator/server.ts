import { fromHex, toHex } from "../../src/core/bytes.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ServerState } from "../../src/localnet/rpc/call.ts";
import { runMethod } from "../../src/localnet/rpc/dispatch.ts";
import type { Chance } from "./chance.ts";
import type { Branch } from "./network.ts";
import { type Answer, type Lie } from "./server-lies.ts";
import { has, seenThrough, type Sight } from "./server-view.ts";
import { shown } from "./shown.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** What a server does with a transaction it is handed. */
type Keeping =
  | "passes on" // as a server should
  | "loses" // says it was applied, and passes nothing on
  | "refuses and keeps" // says it cannot be queued, and passes it on ledgers later
  | "says nothing and keeps"; // the connection breaks, and it is passed on ledgers later

/** How a server fails at the moment. */
interface Failing {
  /** Nothing comes back. */
  isSilent: boolean;
  /** Cut off from the network: the ledger it stays at. */
  frozenAt: number | undefined;
  /** Ledgers it is behind. */
  behind: number;
  keeping: Keeping;
  /** Each answer is a lie with this probability. */
  lying: number;
  readonly lies: Map<string, Lie>;
  /** The fee is this many times higher. */
  feeTimes: number;
  /** Every request is handed over twice, the second time later. */
  isDoubling: boolean;
  /** Connections break, before or after the request took effect. */
  breaking: number;
}

export interface SimulatedServer {
  readonly name: string;
  readonly failing: Failing;
  /** The chain it follows. */
  branch: Branch;
  /** Ledgers it missed for good. */
  readonly missing: Set<number>;
  /** First ledger it has. */
  from: number;
  /** Forgets every transaction that was handed to it. */
  forget(): void;
  /** Ends every failing. What it missed stays missed. */
  heal(): void;
  /** Answers as it is now; `undefined` when the connection breaks. */
  answer(command: string, parameters: JsonObject): Answer | undefined;
}

export interface ServerWorld {
  readonly chance: Chance;
  readonly timeline: Timeline;
  readonly trace: Trace;
}

/** Methods whose answer about a closed ledger never changes. */
const isStill: ReadonlySet<string> = new Set(["ledger", "account_info"]);

const notSynced: Answer = { error: "notSynced", message: "Not synced to the network." };

function well(): Failing {
  return {
    isSilent: false,
    frozenAt: undefined,
    behind: 0,
    keeping: "passes on",
    lying: 0,
    lies: new Map(),
    feeTimes: 1,
    isDoubling: false,
    breaking: 0,
  };
}

export function simulatedServer(name: string, truth: Branch, world: ServerWorld): SimulatedServer {
  const { chance, timeline, trace } = world;
  const known = new Set<string>();
  const failing = well();
  const server: SimulatedServer = {
    name,
    failing,
    branch: truth,
    missing: new Set(),
    from: 2,
    forget() {
      known.clear();
      server.branch.answers.clear();
    },
    heal() {
      Object.assign(failing, { ...well(), lies: failing.lies });
      failing.lies.clear();
      server.branch = truth;
    },
    answer(command, parameters) {
      if (failing.breaking > 0 && chance.happens(failing.breaking / 2)) return broken("before the request");
      if (server.branch.engine.last().index < server.from) return notSynced;
      const answer = command === "submit" ? submitted(parameters) : told(command, parameters);
      if (failing.isDoubling && command === "submit") again(parameters);
      return failing.breaking > 0 && chance.happens(failing.breaking / 2) ? broken("after the request") : answer;
    },
  };

  function broken(when: string): undefined {
    trace.fault("connection broken", name, when);
    return undefined;
  }

  function sight(ledgersBack = 0): Sight {
    const last = server.branch.engine.last().index;
    const through = Math.max(server.from, Math.min(failing.frozenAt ?? last, last) - failing.behind - ledgersBack);
    return { through, from: server.from, missing: server.missing, known };
  }

  /** An honest answer is worked out once while nothing changes. */
  function honest(command: string, parameters: JsonObject, ledgersBack = 0): Answer {
    const seen = sight(ledgersBack);
    if (command === "submit") return workedOut(command, parameters, seen);
    const { ledger_index: index } = parameters;
    const isClosed = typeof index === "number" && index <= seen.through && isStill.has(command);
    const store = isClosed ? server.branch.closedAnswers : server.branch.answers;
    const age = command === "server_info" ? Math.floor(timeline.nowMs() / 1000) : 0;
    // What a server missed or was handed only grows, or everything is worked out anew.
    const own = [name, seen.through, seen.from, seen.missing.size, seen.known.size, age];
    const key = [command, JSON.stringify(parameters), isClosed ? has(seen, index) : own].join(" ");
    const known = store.get(key) ?? workedOut(command, parameters, seen);
    store.set(key, known);
    return known;
  }

  function workedOut(command: string, parameters: JsonObject, seen: Sight): Answer {
    const state: ServerState = {
      engine: seenThrough(server.branch.engine, seen),
      nodePublicKey: "n9KAa2zVWjPHgfzsE3iZ8HAbzJtPrnoh4H2M2HgE7dfqtvyEb1KJ",
      startedUnixMs: timeline.nowMs() - 1_000_000,
      nowUnixMs: timeline.nowMs,
      ports: [],
    };
    const params = { ...parameters, command, api_version: 2 };
    const outcome = runMethod({ server: state, role: "user", method: command, params, apiVersion: 2 });
    if ("result" in outcome) return outcome.result as JsonObject;
    const { error, error_message: message, error_exception: exception } = outcome.refused.answer;
    return { error: String(error), message: String(exception ?? message ?? error) };
  }

  function told(command: string, parameters: JsonObject): Answer {
    if (failing.frozenAt !== undefined && command === "tx") {
      trace.fault("outage", name, "tx cannot be looked up");
      return notSynced;
    }
    if (failing.frozenAt !== undefined || failing.behind > 0)
      trace.fault(failing.frozenAt === undefined ? "behind" : "outage", name, `shows ledger ${sight().through}`);
    const answer = dearer(command, honest(command, parameters));
    if (failing.lies.size === 0 || !chance.happens(failing.lying)) return answer;
    const context = {
      command,
      parameters,
      chance,
      validatedIndex: sight().through,
      earlier: (ledgersBack: number) => honest(command, parameters, ledgersBack),
    };
    const lies = [...failing.lies];
    while (lies.length > 0) {
      const [[kind, lie] = ["", () => undefined]] = lies.splice(chance.below(lies.length), 1);
      const lied = lie(answer, context);
      if (lied === undefined) continue;
      trace.fault(`lie: ${kind}`, name, command);
      return lied;
    }
    return answer;
  }

  function dearer(command: string, answer: Answer): Answer {
    const drops = answer["drops"] as JsonObject | undefined;
    if (command !== "fee" || failing.feeTimes === 1 || drops === undefined) return answer;
    trace.fault("fee spike", name, `${failing.feeTimes} times`);
    return {
      ...answer,
      drops: { ...drops, open_ledger_fee: String(Number(drops["open_ledger_fee"]) * failing.feeTimes) },
    };
  }

  function passOn(blob: string, ledgersLater: number): void {
    timeline.after(ledgersLater * 4000, () => {
      trace.note(name, `passes on what it kept -> ${shown(honest("submit", { tx_blob: blob })["engine_result"])}`);
    });
  }

  function again(parameters: JsonObject): void {
    const laterMs = chance.between(1, 30_000);
    trace.fault("delivered twice", name, `submit, again in ${laterMs} ms`);
    timeline.after(laterMs, () => void honest("submit", parameters));
  }

  function submitted(parameters: JsonObject): Answer | undefined {
    const blob = shown(parameters["tx_blob"]);
    const bytes = fromHex(blob);
    if (failing.frozenAt !== undefined) return notSynced;
    known.add(toHex(transactionId(bytes)).toUpperCase());
    const { keeping } = failing;
    if (keeping === "passes on") return honest("submit", parameters);
    const ledgersLater = chance.between(1, 12);
    trace.fault(`submit: ${keeping}`, name, keeping === "loses" ? "for ever" : `for ${ledgersLater} ledgers`);
    switch (keeping) {
      case "loses":
        return { engine_result: "tesSUCCESS", engine_result_code: 0, accepted: true, applied: true, tx_blob: blob };
      case "refuses and keeps":
        passOn(blob, ledgersLater);
        return { engine_result: "telCAN_NOT_QUEUE_FULL", engine_result_code: -387, accepted: true, kept: true };
      case "says nothing and keeps":
        passOn(blob, ledgersLater);
        return broken("after a transaction was taken");
    }
  }

  return server;
}
