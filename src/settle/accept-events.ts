import { type ErrorCode, SettlementError } from "../core/error.ts";
import type { Clock, Promises } from "../ports.ts";
import type { Candidate, Door } from "../validate/door.ts";
import { type Plan, planAdditions } from "./accept-plan.ts";
import { promiseKeeper, type Verdict } from "./accept-promises.ts";
import { type AcceptState, type AcceptStateDeps, openState } from "./accept-state.ts";

export interface AcceptDeps extends AcceptStateDeps {
  readonly promises: Promises;
  readonly clock: Clock;
  /** Time after its end at which a month may be closed, milliseconds; the same as for closing. */
  readonly graceMs: number;
}

/** The one door of a ledger in this process. */
export interface Acceptor {
  /**
   * Judges events, adds the good ones to the ledger in the order given, and promises each a place in a log. Everything
   * is durable once it resolves. The same event again, however it is written, gets its first promise again.
   *
   * @param handed - each the bytes of one event's JSON or its JSON value
   * @returns one verdict for each, in the order given; a bad event does not keep the others out
   * @throws SettlementError of kind `unavailable` or `conflict`: events may be in the ledger or not; hand all in again
   */
  accept(handed: readonly unknown[]): Promise<readonly Verdict[]>;
}

interface Batch {
  readonly candidates: readonly Candidate[];
  resolve(verdicts: readonly Verdict[]): void;
  reject(error: unknown): void;
}

/** Events that are added in one go, unless one caller hands in more. */
const maxGroup = 4096;

/** Of one caller so many events are read at once: enough for every thread that verifies to have some ahead. */
const readAtOnce = 256;

/** Whoever changes the ledger all the time is asked to stop. */
const maxTries = 5;

/**
 * Accepts events into a ledger. Callers that come together are served together, with one append to each file and one
 * checkpoint of each log.
 */
export function acceptor(deps: AcceptDeps): Acceptor {
  const addTogether = groupAdder(deps);
  const waiting: Batch[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    while (waiting.length > 0) await serve(takeGroup(waiting), addTogether.add);
    isRunning = false;
  };
  const added = (candidates: readonly Candidate[]): Promise<readonly Verdict[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ candidates, resolve, reject });
      void run();
    });
  return {
    async accept(handed) {
      if (!addTogether.door()) await added([]);
      const door = addTogether.door();
      if (!door) throw new TypeError("the ledger was opened and has no door");
      return added(await readAll(handed, door));
    },
  };
}

function takeGroup(waiting: Batch[]): readonly Batch[] {
  let size = 0;
  const end = waiting.findIndex((batch, at) => {
    size += batch.candidates.length;
    return at > 0 && size > maxGroup;
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

async function serve(
  group: readonly Batch[],
  add: (candidates: readonly Candidate[]) => Promise<readonly Verdict[]>,
): Promise<void> {
  try {
    const verdicts = await add(group.flatMap(({ candidates }) => candidates));
    let at = 0;
    for (const { candidates, resolve } of group) resolve(verdicts.slice(at, (at += candidates.length)));
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

/** Reads events and verifies their signatures while others are being added. */
async function readAll(handed: readonly unknown[], door: Door): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  const items = handed.entries();
  const work = async (): Promise<void> => {
    for (const [at, each] of items) candidates[at] = await door.read(each);
  };
  await Promise.all(Array.from({ length: Math.min(readAtOnce, handed.length) }, work));
  return candidates;
}

interface GroupAdder {
  /** Not called again before it has ended. */
  add(candidates: readonly Candidate[]): Promise<readonly Verdict[]>;
  /** Undefined before the ledger was opened. */
  door(): Door | undefined;
}

function groupAdder(deps: AcceptDeps): GroupAdder {
  const { ledger, heads, clock, graceMs } = deps;
  const keepPromises = promiseKeeper(deps);
  let current: AcceptState | undefined;
  let last: AcceptState | undefined;
  let stopped: { readonly version: string; readonly error: unknown } | undefined;

  const open = async (): Promise<AcceptState> => {
    const version = await ledger.version();
    // A ledger with errors is judged again when it is another one.
    if (stopped?.version === version) throw stopped.error;
    try {
      return await openState(deps, last);
    } catch (error) {
      stopped = hasCode(error, "ACCEPTANCE_STOPPED") ? { version, error } : undefined;
      throw error;
    }
  };

  const tryToAdd = async (candidates: readonly Candidate[]): Promise<Added> => {
    const state = (current ??= await open());
    last = state;
    const nowUnixMs = clock();
    // Nothing is waited for from here to the append, so the clock that lets an event in is that of its append.
    const { outcomes, additions } = planAdditions(candidates, state, { nowUnixMs, graceMs });
    let { version } = state;
    for (const { month, events } of additions) version = await ledger.extend(version, month, events);
    if (additions.length === 0 && (await ledger.version()) !== version) throw changedMeanwhile();
    current = { ...state, version };
    return { outcomes, nowUnixMs };
  };

  const addAlone = async (candidates: readonly Candidate[]): Promise<Added> => {
    for (let tries = 1; ; tries++) {
      try {
        return await tryToAdd(candidates);
      } catch (error) {
        // What was planned is in the state, and perhaps not in the ledger.
        current = undefined;
        if (!hasCode(error, "LEDGER_CHANGED", "PARTITION_ALREADY_CLOSED") || tries >= maxTries) throw error;
      }
    }
  };

  return {
    door: () => last?.door,
    async add(candidates) {
      await heads.ready();
      const added = new Set<string>();
      for (let tries = 1; ; tries++) {
        const { outcomes, nowUnixMs } = await ledger.alone(() => addAlone(candidates));
        for (const each of outcomes) if (each.state === "accepted") added.add(each.id);
        try {
          const verdicts = await keepPromises(outcomes, nowUnixMs);
          return tries === 1 ? verdicts : firstOfEach(verdicts, added);
        } catch (error) {
          // The next look at the ledger compares it with what was signed, before anything more is added.
          if (hasCode(error, "HEAD_CONFLICT", "LEDGER_CHANGED")) current = undefined;
          if (!hasCode(error, "LEDGER_CHANGED") || tries >= maxTries) throw error;
        }
      }
    },
  };
}

/** What an earlier try has added was not known before. */
function firstOfEach(verdicts: readonly Verdict[], added: Set<string>): readonly Verdict[] {
  return verdicts.map((each) => {
    const isFirst = each.state !== "refused" && added.delete(each.id);
    return isFirst ? { ...each, state: "accepted" } : each;
  });
}

interface Added {
  readonly outcomes: Plan["outcomes"];
  readonly nowUnixMs: number;
}

function changedMeanwhile(): SettlementError {
  return new SettlementError("LEDGER_CHANGED", "the ledger was changed by somebody else meanwhile; look again");
}

function hasCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof SettlementError && codes.includes(error.code);
}
