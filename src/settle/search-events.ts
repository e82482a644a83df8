import type { TermName } from "../core/event-index.ts";
import type { MonthEvents } from "./month-events.ts";

/** Events that say one of several texts. */
export interface Wanted {
  readonly name: TermName;
  readonly texts: readonly string[];
}

/** Leaves that a search looks at before it takes a rest. */
const maxLooks = 20_000;

/** A leaf that was found, or the one where the search rests, which was not. */
export interface Found {
  readonly leaf: number;
  readonly isHit: boolean;
}

/**
 * Leaves of a month whose events say everything that is wanted, ascending from a leaf on. The search ends when it has
 * looked at many leaves; the last thing it yields tells where.
 *
 * @param wanted - one of a name at most; every event when there is none
 */
export async function* searchEvents(
  events: MonthEvents,
  wanted: readonly Wanted[],
  from: number,
): AsyncGenerator<Found> {
  const lists = wanted.map(
    ({ name, texts }) =>
      (at: number) =>
        firstOf(events, name, texts, at),
  );
  let looks = 0;
  for (let leaf = from; leaf < events.count; leaf++) {
    let isHit = true;
    for (const next of lists) {
      looks++;
      const found = await next(leaf);
      if (found === undefined) return;
      isHit &&= found === leaf;
      leaf = found;
    }
    if (isHit) yield { leaf, isHit };
    else if (looks > maxLooks) return yield { leaf, isHit };
    else leaf--;
  }
}

/** The first leaf from `from` on that says one of these texts. */
async function firstOf(
  events: MonthEvents,
  name: TermName,
  texts: readonly string[],
  from: number,
): Promise<number | undefined> {
  let first: number | undefined;
  for (const text of texts) {
    for await (const leaf of events.search(name, text, from)) {
      if (first === undefined || leaf < first) first = leaf;
      break;
    }
  }
  return first;
}
