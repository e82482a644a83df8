import type { StaticFiles } from "../../../adapters/static-files.ts";
import { type Site, siteIndexes } from "../../../adapters/static-site.ts";
import { fromHex } from "../../../core/bytes.ts";
import { SettlementError } from "../../../core/error.ts";
import { idKey, leavesOf, type TermName, termKey } from "../../../core/event-index.ts";
import type { ReadPart } from "../../../core/sorted-index.ts";
import type { MonthEvents } from "../../../settle/month-events.ts";

/** Tells the numbers of the months that may have something; a month that is not named has it not. */
export interface MonthRegister {
  /** @param id - lower-case hex */
  withId(id: string): Promise<ReadonlySet<number>>;
  withTerm(name: TermName, text: string): Promise<ReadonlySet<number>>;
}

/** What was looked up, and is not looked up again: the newest. */
const keptKeys = 1000;

async function numbersOf(found: AsyncIterable<number>): Promise<ReadonlySet<number>> {
  const numbers = new Set<number>();
  for await (const number of found) numbers.add(number);
  return numbers;
}

/** Reads a few blocks of the copy for each name, whatever the number of its months. */
export function monthRegister({ indexes }: Site, files: StaticFiles): MonthRegister {
  const lookUp = (name: keyof typeof siteIndexes): ((key: number) => Promise<ReadonlySet<number>>) => {
    const path = siteIndexes[name];
    const read: ReadPart = async (start, length) => {
      const bytes = await files.part(path, start, length);
      if (bytes) return bytes;
      throw new SettlementError("INDEX_MALFORMED", `${path} is missing in this copy; export it again`);
    };
    const known = new Map<number, Promise<ReadonlySet<number>>>();
    return (key) => {
      const found = known.get(key);
      if (found) return found;
      const [oldest] = known.keys();
      if (known.size >= keptKeys && oldest !== undefined) known.delete(oldest);
      const numbers = numbersOf(leavesOf(read, indexes[name], key));
      known.set(key, numbers);
      void numbers.catch(() => known.delete(key));
      return numbers;
    };
  };
  const [ids, terms] = [lookUp("ids"), lookUp("terms")];
  return {
    withId: (id) => ids(idKey(fromHex(id))),
    withTerm: (name, text) => terms(termKey(name, text)),
  };
}

/** The events of the month of a number, which is asked only for what it may have. */
export function registered(events: MonthEvents, number: number, register: MonthRegister): MonthEvents {
  return {
    ...events,
    find: async (id) => ((await register.withId(id)).has(number) ? events.find(id) : undefined),
    async *search(name, text, from) {
      if ((await register.withTerm(name, text)).has(number)) yield* events.search(name, text, from);
    },
  };
}
