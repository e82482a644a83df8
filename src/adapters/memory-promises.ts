import type { PromisedHead, Promises } from "../ports.ts";
import { requireStorable } from "./state-texts.ts";

/** Promises that live as long as the process. */
export function memoryPromises(): Promises {
  /** Sizes ascend. */
  const kept = new Map<string, PromisedHead[]>();
  const sealed = new Set<string>();
  const covering = (origin: string, leafIndex: number): PromisedHead | undefined =>
    kept.get(origin)?.find(({ size }) => size > leafIndex);
  return {
    async covering(origin, leafIndexes) {
      const found = leafIndexes.map((index) => [index, covering(origin, index)] as const);
      return new Map(found.flatMap(([index, head]) => (head ? [[index, head] as const] : [])));
    },
    async keep(head) {
      requireStorable(head.origin, head.checkpoint);
      const holding = covering(head.origin, head.size - 1);
      if (holding || sealed.has(head.origin)) return holding;
      kept.set(head.origin, [...(kept.get(head.origin) ?? []), { ...head }]);
      return head;
    },
    async seal(origin) {
      requireStorable(origin);
      sealed.add(origin);
    },
  };
}
