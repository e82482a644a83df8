import type { AuditEntry, AuditLog } from "../ports.ts";
import { readableText } from "./state-texts.ts";

/** What is kept of an entry: it must not be lost for a text that it quotes. */
export function keptEntry({ atUnixMs, actor, act, detail, outcome }: AuditEntry): AuditEntry {
  return {
    atUnixMs,
    actor: readableText(actor),
    act: readableText(act),
    detail: readableText(detail),
    outcome: readableText(outcome),
  };
}

/** An audit log that lives as long as the process. */
export function memoryAuditLog(): AuditLog {
  const entries: AuditEntry[] = [];
  return {
    async record(entry) {
      entries.push(keptEntry(entry));
    },
    list: async (limit) => entries.toReversed().slice(0, limit),
  };
}
