import type { PartitionRecord, Partitions } from "../ports.ts";
import { isPartitionStep, keptRecord, otherPartitionState } from "./partition-rules.ts";

/** Months and their states that live as long as the process. */
export function memoryPartitions(): Partitions {
  const origins = new Map<string, Map<string, PartitionRecord>>();
  return {
    list: async (origin) => [...(origins.get(origin)?.values() ?? [])].toSorted((a, b) => (a.month < b.month ? -1 : 1)),
    get: async (origin, month) => origins.get(origin)?.get(month),
    async move(before, next) {
      const record = keptRecord(next);
      const months = origins.get(record.origin) ?? new Map<string, PartitionRecord>();
      if (months.get(record.month)?.state !== before || !isPartitionStep(before, record.state)) {
        throw otherPartitionState(before, record);
      }
      origins.set(record.origin, months.set(record.month, record));
      return record;
    },
  };
}
