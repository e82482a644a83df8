import type { PartitionRecord, Partitions } from "../ports.ts";
import { isClose, isPartitionStep, keptRecord, otherPartitionState } from "./partition-rules.ts";

/** Months and their states that live as long as the process. */
export function memoryPartitions(): Partitions {
  const origins = new Map<string, Map<string, PartitionRecord>>();
  const closed = new Map<string, Map<string, number>>();
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
      if (isClose(before, record.state)) {
        const times = closed.get(record.origin) ?? new Map<string, number>();
        closed.set(record.origin, times.set(record.month, record.changedUnixMs));
      }
      return record;
    },
    closedTimes: async (origin) => new Map(closed.get(origin)),
  };
}
