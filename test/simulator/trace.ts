import { hash } from "node:crypto";

/** What happened, in order, for people, and how often each fault did. */
export interface Trace {
  /** @param who - a worker, a server, the network */
  note(who: string, what: string): void;
  /** A fault that took effect. */
  fault(kind: string, who: string, what: string): void;
  lines(): readonly string[];
  faults(): ReadonlyMap<string, number>;
  /** Operations before or after which a worker was killed, each named alike in every schedule. */
  kills(): ReadonlySet<string>;
  /** SHA-256 over all lines: two runs of one seed have the same. */
  hash(): string;
}

export function traceOf(nowMs: () => number): Trace {
  const startMs = nowMs();
  const lines: string[] = [];
  const faults = new Map<string, number>();
  const kills = new Set<string>();
  const note = (who: string, what: string): void => {
    lines.push(`${((nowMs() - startMs) / 1000).toFixed(3).padStart(9)}  ${who.padEnd(8)}  ${what}`);
  };
  return {
    note,
    fault(kind, who, what) {
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
      if (/^killed (before|after)/.test(kind)) kills.add(`${kind} ${alike(what)}`);
      note(who, `!! ${kind}: ${what}`);
    },
    lines: () => lines,
    faults: () => faults,
    kills: () => kills,
    hash: () => hash("sha256", lines.join("\n")),
  };
}

/** An operation without the server, the month and the transaction it is about. */
function alike(what: string): string {
  return what.replace(/^xrpl\d /, "").replaceAll(/ ?\b(\d{4}-\d\d|[0-9A-F]{8}|\d+|validated)\b(\/0?)?/g, "");
}
