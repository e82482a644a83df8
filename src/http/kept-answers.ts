import type { Clock } from "../ports.ts";
import type { Answer, Caching } from "./answer.ts";
import { byteCache } from "./byte-cache.ts";

/** An answer, and the path of the route that made it. */
interface KeptAnswer {
  readonly answer: Answer;
  readonly route: string;
}

/** Answers that need not be made again. */
export interface KeptAnswers {
  get(url: string): KeptAnswer | undefined;
  /** Keeps what any cache between here and the client could keep as well; the rest is let go. */
  keep(url: string, made: KeptAnswer): void;
}

/** What never changes is made anew now and then all the same, so that a fault of our own data shows. */
const immutableMs = 60_000;
const longestUrl = 512;
/** What an answer takes beside its body: its headers, in each coding that somebody asks for. */
const headersBytes = 2048;

/**
 * @param briefMs - time that an answer is kept which may change, milliseconds; 0 keeps nothing at all
 * @param clock - milliseconds
 */
export function keptAnswers(briefMs: number, clock: Clock, maxBytes = 32 * 1024 * 1024): KeptAnswers {
  const kept = byteCache<KeptAnswer & { readonly untilMs: number }>(maxBytes);
  const timesMs: Readonly<Record<Caching, number>> = { immutable: immutableMs, brief: briefMs, never: 0 };
  return {
    get(url) {
      const found = kept.get(url);
      if (!found || clock() < found.untilMs) return found;
      kept.delete(url);
      return undefined;
    },
    keep(url, made) {
      const { status = 200, cache, body } = made.answer;
      if (briefMs === 0 || status !== 200 || cache === "never" || url.length > longestUrl) return;
      kept.set(url, { ...made, untilMs: clock() + timesMs[cache] }, headersBytes + body.length);
    },
  };
}
