import type { Promised, PromisedHead, Promises } from "../ports.ts";
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
    const held = outcomes.filter((each) => each.state !== "refused");
    const known = held.filter(({ state }) => state === "known");
    const earlier = await promisesOf(known, promises);
    const owed = held.filter(({ id, state }) => state === "accepted" || !earlier.has(id));
    const kept = new Map<GrowingLog, PromisedHead>();
    for (const log of new Set(owed.map(({ leaf }) => leaf.log))) {
      const { origin, size, checkpoint } = await headOf(log);
      kept.set(log, await promises.keep({ origin, size, checkpoint, acceptedUnixMs }));
    }
    // Somebody else may have promised these meanwhile, with a smaller head than ours.
    const meanwhile = await promisesOf(
      known.filter(({ id }) => !earlier.has(id)),
      promises,
    );
    return outcomes.map((each): Verdict => {
      if (each.state === "refused") return each;
      const { state, id, leaf } = each;
      const head = state === "accepted" ? kept.get(leaf.log) : undefined;
      const promise = head ? promisedBy(head, leaf.index, id) : (earlier.get(id) ?? meanwhile.get(id));
      if (!promise) throw new TypeError(`event ${id} was kept without a promise`);
      return { state, id, promise };
    });
  };
}

/** What known events were promised, by their ids. */
async function promisesOf(known: readonly Held[], promises: Promises): Promise<Map<string, Promised>> {
  const places = known.flatMap(({ id, leaf: { log, index, inMonth } }) => [
    ...(inMonth ? [{ id, ...inMonth }] : []),
    { id, origin: log.origin, index },
  ]);
  const byOrigin = Map.groupBy(places, ({ origin }) => origin);
  const heads = new Map<string, ReadonlyMap<number, PromisedHead>>();
  for (const [origin, of] of byOrigin) {
    heads.set(
      origin,
      await promises.covering(
        origin,
        of.map(({ index }) => index),
      ),
    );
  }
  const promised = new Map<string, Promised>();
  for (const { id, origin, index } of places) {
    const head = heads.get(origin)?.get(index);
    // The log of the month comes first: it promised before the ledger log could.
    if (head && !promised.has(id)) promised.set(id, promisedBy(head, index, id));
  }
  return promised;
}

function promisedBy({ origin, checkpoint, acceptedUnixMs }: PromisedHead, leafIndex: number, id: string): Promised {
  return { id, origin, leafIndex, checkpoint, acceptedUnixMs };
}
