import { SettlementError } from "../core/error.ts";
import type { SignedHeads } from "../ports.ts";

/** @returns the error for a second root of one size */
export function otherHead(origin: string, size: number, signed: string, root: string): SettlementError {
  return new SettlementError(
    "HEAD_CONFLICT",
    `this node signed ${origin} at size ${size} with root ${signed} before, now the ledger gives ${root}; nothing was signed. The ledger was altered: restore it, from version control or from anchors/`,
  );
}

/** Signed heads that live as long as the process. */
export function memoryHeads(): SignedHeads {
  const logs = new Map<string, Map<number, string>>();
  return {
    ready: async () => undefined,
    async record(origin, size, root) {
      const roots = logs.get(origin) ?? new Map<number, string>();
      const signed = roots.get(size) ?? root;
      if (signed !== root) throw otherHead(origin, size, signed, root);
      logs.set(origin, roots.set(size, root));
    },
    async list(origin) {
      const heads = [...(logs.get(origin) ?? [])].map(([size, root]) => ({ size, root }));
      return heads.toSorted((a, b) => a.size - b.size);
    },
  };
}
