import type { Promised, Promises } from "../ports.ts";
import { requireStorable } from "./state-texts.ts";

/** Promises that live as long as the process. */
export function memoryPromises(): Promises {
  const kept = new Map<string, Promised>();
  return {
    async find(ids) {
      const found = ids.map((id) => kept.get(id)).filter((promise) => promise !== undefined);
      return new Map(found.map((promise) => [promise.id, promise]));
    },
    async keep(promises) {
      for (const { id, origin, checkpoint } of promises) requireStorable(id, origin, checkpoint);
      return promises.map((promise) => {
        const holding = kept.get(promise.id) ?? { ...promise };
        kept.set(promise.id, holding);
        return holding;
      });
    },
  };
}
