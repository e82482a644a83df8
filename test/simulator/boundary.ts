import { SettlementError } from "../../src/core/error.ts";
import type { Chance } from "./chance.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** One life of a worker process. Who is dead gets no answers any more, and what it asked for may still happen. */
export interface Actor {
  readonly name: string;
  isAlive: boolean;
  /** Nothing reaches it before: its host was suspended. */
  pausedUntilMs: number;
}

/** What is outside of a worker process. */
export type Outside = "sql" | "archive" | "ledger" | "xrpl";

/** How often operations of one kind go wrong, as probabilities. */
export interface FaultRates {
  readonly killBefore: number;
  readonly killAfter: number;
  readonly errorBefore: number;
  readonly errorAfter: number;
  /** Answers that take much longer. */
  readonly slow: number;
}

/** Thrown by an effect that nobody ever hears of. */
export const silence = Symbol("silence");

export const noFaults: FaultRates = { killBefore: 0, killAfter: 0, errorBefore: 0, errorAfter: 0, slow: 0 };

export interface Operation<T> {
  readonly on: Outside;
  /** What is done, for the trace. */
  readonly what: string;
  readonly effect: () => T | Promise<T>;
  /** How a failure looks to the worker. */
  readonly failure: () => SettlementError;
  /** Longest time for the way there, and for the way back, when nothing is slow. */
  readonly latencyMs: number;
  /** The worker waits no longer. */
  readonly timeoutMs?: number;
  /** It takes no time worth telling: there and back at one moment, and nobody else in between. */
  readonly isQuick?: boolean;
  /** Nothing goes wrong on the way. */
  readonly isSure?: boolean;
  /** What came back, for the trace. */
  readonly told?: (value: T) => string;
}

type Way = Pick<Operation<unknown>, "on" | "latencyMs" | "what" | "isSure">;
type Reply<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => void;

/** The edge of a worker: every operation on something outside waits here until the timeline lets it go on. */
export interface Boundary {
  perform<T>(actor: Actor, operation: Operation<T>): Promise<T>;
  sleep(actor: Actor, ms: number): Promise<void>;
}

export interface BoundaryWorld {
  readonly chance: Chance;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly rates: (on: Outside, actor: Actor) => FaultRates;
  readonly kill: (actor: Actor, why: string) => void;
}

/** A slow way takes up to so long: longer than a transaction may wait for its ledger. */
const slowMs = 90_000;

function faultText(error: unknown): string {
  return error instanceof SettlementError ? error.code : String(error);
}

export function boundaryIn(world: BoundaryWorld): Boundary {
  const { chance, timeline, trace } = world;

  /** Hands something to a worker, unless it is dead or not awake. */
  function deliver(actor: Actor, act: () => void): void {
    if (!actor.isAlive) return;
    if (actor.pausedUntilMs > timeline.nowMs()) {
      timeline.after(actor.pausedUntilMs - timeline.nowMs(), () => deliver(actor, act));
      return;
    }
    act();
  }

  function wayMs(actor: Actor, { on, latencyMs, what, isSure }: Way): number {
    if (isSure || !chance.happens(world.rates(on, actor).slow)) return chance.below(latencyMs * 1000) / 1000;
    const ms = chance.between(latencyMs, slowMs);
    trace.fault(`${on} slow`, actor.name, `${what} takes ${ms} ms`);
    return ms;
  }

  /** Lets an operation take effect. Resolves to the answer on its way back; undefined where there is none. */
  async function arrive<T>(actor: Actor, operation: Operation<T>): Promise<Reply<T> | undefined> {
    const { on, what, effect, failure, told, isSure } = operation;
    const { errorBefore, errorAfter } = isSure ? noFaults : world.rates(on, actor);
    if (chance.happens(errorBefore)) {
      trace.fault(`${on} error before`, actor.name, what);
      return (_, reject) => reject(failure());
    }
    let act: Reply<T>;
    try {
      const value = await effect();
      trace.note(actor.name, `${what}${told ? ` -> ${told(value)}` : ""}${actor.isAlive ? "" : " (of a dead worker)"}`);
      act = (resolve) => resolve(value);
    } catch (error) {
      if (error === silence) return undefined;
      trace.note(actor.name, `${what} -> ${faultText(error)}`);
      return (_, reject) => reject(error);
    }
    if (!chance.happens(errorAfter)) return act;
    trace.fault(`${on} error after`, actor.name, what);
    return (_, reject) => reject(failure());
  }

  function perform<T>(actor: Actor, operation: Operation<T>): Promise<T> {
    const { on, what, timeoutMs, failure } = operation;
    return new Promise((resolve, reject) => {
      let isSettled = false;
      const settle = (act: () => void): void => {
        if (isSettled) return;
        isSettled = true;
        act();
      };
      if (timeoutMs !== undefined) {
        timeline.after(timeoutMs, () => {
          if (!isSettled) deliver(actor, () => settle(() => reject(failure())));
        });
      }
      timeline.after(wayMs(actor, operation), async () => {
        const { killBefore, killAfter } = world.rates(on, actor);
        // What is on the wire outlives who sent it; what is on this machine does not.
        if (!actor.isAlive && (on === "archive" || on === "ledger" || chance.happens(0.5))) return;
        if (actor.isAlive && chance.happens(killBefore)) {
          trace.fault(`killed before ${on}`, actor.name, what);
          world.kill(actor, `before ${what}`);
          return;
        }
        const act = await arrive(actor, operation);
        if (actor.isAlive && chance.happens(killAfter)) {
          trace.fault(`killed after ${on}`, actor.name, what);
          world.kill(actor, `after ${what}`);
          return;
        }
        if (!act) return;
        if (operation.isQuick) return deliver(actor, () => settle(() => act(resolve, reject)));
        timeline.after(wayMs(actor, operation), () => deliver(actor, () => settle(() => act(resolve, reject))));
      });
    });
  }

  return {
    perform,
    sleep: (actor, ms) => new Promise((resolve) => timeline.after(ms, () => deliver(actor, resolve))),
  };
}
