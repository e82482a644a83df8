import { formatCheckpoint } from "../core/checkpoint.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import { rootOfSize } from "../core/merkle-proof.ts";
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

/**
 * Makes outcomes verdicts: each event that the ledger holds gets its promise, the one it has or one made now.
 *
 * @throws SettlementError `LEDGER_CHANGED` when somebody else has gone on with a log meanwhile: look at the ledger again;
 * `HEAD_CONFLICT` when a log is not what was promised, `STATE_UNAVAILABLE`
 */
export type PromiseKeeper = (outcomes: readonly (Refused | Held)[], nowUnixMs: number) => Promise<readonly Verdict[]>;

export function promiseKeeper(deps: KeeperDeps): PromiseKeeper {
  const { promises } = deps;
  const signed = new WeakMap<GrowingLog, SignedHead>();
  const promisesOf = earlierPromises(deps);
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
    const earlier = await promisesOf(known);
    const owed = held.filter(({ id, state }) => state === "accepted" || !earlier.has(id));
    const kept = new Map<GrowingLog, PromisedHead>();
    for (const log of new Set(owed.map(({ leaf }) => leaf.log))) {
      const { origin, size, checkpoint } = await headOf(log);
      const head = await promises.keep({ origin, size, checkpoint, acceptedUnixMs });
      if (head?.size !== size) throw changedMeanwhile(origin);
      kept.set(log, head);
    }
    // Somebody else may have promised these meanwhile, with a smaller head than ours.
    const meanwhile = await promisesOf(known.filter(({ id }) => !earlier.has(id)));
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

interface Place {
  readonly id: string;
  readonly origin: string;
  readonly index: number;
}

/** What known events were promised, by their ids. */
function earlierPromises({
  promises,
  sha256,
}: KeeperDeps): (known: readonly Held[]) => Promise<ReadonlyMap<string, Promised>> {
  const sealed = new Set<string>();
  const coveringOf = async (places: readonly Place[]): Promise<Map<Place, PromisedHead>> => {
    const found = new Map<Place, PromisedHead>();
    for (const [origin, own] of Map.groupBy(places, (place) => place.origin)) {
      const indexes = own.map(({ index }) => index);
      const heads = await promises.covering(origin, indexes);
      for (const place of own) {
        const head = heads.get(place.index);
        if (head) found.set(place, head);
      }
    }
    return found;
  };
  /** The log of a month promises first. Before the ledger log does, nobody may promise by that of the month any more. */
  const inMonths = async (known: readonly Held[]): Promise<ReadonlyMap<Place, PromisedHead>> => {
    const places = known.flatMap(({ id, leaf: { inMonth } }) => (inMonth ? [{ id, ...inMonth }] : []));
    const found = await coveringOf(places);
    const left = places.filter((place) => !found.has(place));
    const open = new Set(left.map(({ origin }) => origin).filter((origin) => !sealed.has(origin)));
    for (const origin of open) {
      await promises.seal(origin);
      sealed.add(origin);
    }
    const late = await coveringOf(left.filter(({ origin }) => open.has(origin)));
    return new Map([...found, ...late]);
  };
  return async (known) => {
    const months = await inMonths(known);
    const promised = new Map(Array.from(months, ([{ id, index }, head]) => [id, promisedBy(head, index, id)]));
    const left = known.filter(({ id }) => !promised.has(id));
    const logs = new Map(left.map(({ leaf }) => [leaf.log.origin, leaf.log]));
    const found = await coveringOf(left.map(({ id, leaf: { log, index } }) => ({ id, origin: log.origin, index })));
    const heads = new Map(Array.from(found.values(), (head) => [`${head.origin} ${head.size}`, head]));
    for (const head of heads.values()) requireOf(logs.get(head.origin), head, sha256);
    for (const [{ id, index }, head] of found) promised.set(id, promisedBy(head, index, id));
    return promised;
  };
}

/** A promise is worth what it says as long as the log begins with what was promised. */
function requireOf(log: GrowingLog | undefined, { origin, size, checkpoint }: PromisedHead, sha256: Sha256): void {
  if (!log || size > log.size) throw changedMeanwhile(origin);
  if (checkpoint.startsWith(formatCheckpoint({ origin, size, root: rootOfSize(size, log.hashes, sha256) }))) return;
  throw new SettlementError(
    "HEAD_CONFLICT",
    `this node promised ${origin} at size ${size} with another root than the ledger gives now; nothing was promised. ` +
      "The ledger was altered: restore it, from version control or from a copy",
  );
}

function changedMeanwhile(origin: string): SettlementError {
  return new SettlementError("LEDGER_CHANGED", `somebody else has gone on with ${origin} meanwhile; look again`);
}

function promisedBy({ origin, checkpoint, acceptedUnixMs }: PromisedHead, leafIndex: number, id: string): Promised {
  return { id, origin, leafIndex, checkpoint, acceptedUnixMs };
}
