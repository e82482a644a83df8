import type { Look, Looks } from "../ports.ts";
import { readableText } from "./state-texts.ts";

/** Servers say things in a word or two. */
const maxSaid = 200;

/** Different things that are kept of one transaction. */
export const mostLooks = 100;

/** What is kept of a look: servers' words come from elsewhere. */
export function keptLook<T extends Pick<Look, "said">>(look: T): T {
  return { ...look, said: readableText(look.said.slice(0, maxSaid)) };
}

export function groupByHash(looks: readonly Look[]): ReadonlyMap<string, readonly Look[]> {
  return Map.groupBy(looks, ({ hash }) => hash);
}

/** Looks that live as long as the process. */
export function memoryLooks(): Looks {
  const looks: Look[] = [];
  return {
    async record(look, atUnixMs) {
      const { hash, act, said } = keptLook(look);
      const at = looks.findIndex((each) => each.hash === hash && each.act === act && each.said === said);
      const known = looks[at] ?? { hash, act, said, times: 0, firstUnixMs: atUnixMs, lastUnixMs: atUnixMs };
      if (at < 0 && looks.filter((each) => each.hash === hash).length >= mostLooks) return;
      const counted = { ...known, times: known.times + 1, lastUnixMs: Math.max(known.lastUnixMs, atUnixMs) };
      if (at < 0) looks.push(counted);
      else looks[at] = counted;
    },
    list: async (hashes) => groupByHash(looks.filter(({ hash }) => hashes.includes(hash))),
  };
}
