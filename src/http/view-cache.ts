import type { Clock } from "../ports.ts";

/** A reading is kept at least this many times as long as it took, so that reading never fills the time. */
const restFactor = 10;

/**
 * One reading, of the ledger for instance, for all requests: those that come together share it, and a new one begins once
 * it is older than `maxAgeMs`. A failure is told to those who waited for it and not kept.
 */
export function viewCache<T>(read: () => Promise<T>, clock: Clock, maxAgeMs: number): () => Promise<T> {
  let kept: { readonly view: T; readonly freshUntil: number } | undefined;
  let reading: Promise<T> | undefined;
  const refresh = async (): Promise<T> => {
    const begun = clock();
    try {
      const view = await read();
      kept = { view, freshUntil: begun + Math.max(maxAgeMs, restFactor * (clock() - begun)) };
      return view;
    } finally {
      reading = undefined;
    }
  };
  return async () => {
    if (kept && clock() < kept.freshUntil) return kept.view;
    return (reading ??= refresh());
  };
}

/**
 * What is costly to make, kept under a name that tells all it is made from; at most `limit` of them, the least recently
 * used given up first. Those who ask together share one making; a failure is not kept.
 */
export function recentlyUsed<T>(limit: number): (name: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (name, make) => {
    const found = kept.get(name);
    const making = found ?? make();
    kept.delete(name);
    kept.set(name, making);
    if (found) return found;
    making.catch(() => {
      if (kept.get(name) === making) kept.delete(name);
    });
    const oldest = kept.size > limit ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return making;
  };
}
