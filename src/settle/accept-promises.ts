import type { Promised, Promises } from "../ports.ts";
import type { GrowingLog } from "./accept-log.ts";
import type { Held, Refused } from "./accept-plan.ts";
import { type SignedHead, signHead, type SignHeadDeps } from "./signed-head.ts";

/** What became of an event that was handed in. */
export type Verdict =
  | Refused
  | {
      /** `accepted` when it was added now, `known` when the ledger held it already. */
      readonly state: "accepted" | "known";
      readonly id: string;
      readonly promise: Promised;
    };

interface KeeperDeps extends SignHeadDeps {
  readonly promises: Promises;
}

/** Makes outcomes verdicts: each event that the ledger holds gets its promise, the one it has or one made now. */
export type PromiseKeeper = (outcomes: readonly (Refused | Held)[], nowUnixMs: number) => Promise<readonly Verdict[]>;

export function promiseKeeper(deps: KeeperDeps): PromiseKeeper {
  const { promises } = deps;
  const signed = new WeakMap<GrowingLog, SignedHead>();
  const headOf = async (log: GrowingLog): Promise<SignedHead> => {
    const last = signed.get(log);
    if (last?.size === log.size) return last;
    const head = await signHead(log, deps);
    signed.set(log, head);
    return head;
  };
  return async (outcomes, acceptedUnixMs) => {
    const held = new Map(outcomes.flatMap((each) => (each.state === "refused" ? [] : [[each.id, each] as const])));
    const known = outcomes.flatMap((each) => (each.state === "known" ? [each.id] : []));
    const holding = new Map(known.length === 0 ? [] : await promises.find([...new Set(known)]));
    const owed = [...held.values()].filter(({ id }) => !holding.has(id));
    const checkpoints = new Map<GrowingLog, string>();
    for (const { log } of new Set(owed.map(({ leaf }) => leaf))) {
      if (!checkpoints.has(log)) checkpoints.set(log, (await headOf(log)).checkpoint);
    }
    const made = owed.map(({ id, leaf: { log, index } }): Promised => {
      return { id, origin: log.origin, leafIndex: index, checkpoint: checkpoints.get(log) ?? "", acceptedUnixMs };
    });
    for (const promise of made.length === 0 ? [] : await promises.keep(made)) holding.set(promise.id, promise);
    return outcomes.map((each) => (each.state === "refused" ? each : verdictOf(each, holding)));
  };
}

function verdictOf({ state, id }: Held, holding: ReadonlyMap<string, Promised>): Verdict {
  const promise = holding.get(id);
  if (promise) return { state, id, promise };
  throw new TypeError(`event ${id} was kept without a promise`);
}
