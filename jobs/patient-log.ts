import type { Clock, Log, LogEntry } from "../src/ports.ts";
import { durationText, seenAgain, type Trouble } from "./standing-trouble.ts";

interface Held {
  readonly trouble: Trouble;
  readonly entry: LogEntry;
  readonly patienceMs: number;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Troubles that are remembered; the oldest is forgotten for one more. */
const mostHeld = 1000;

/**
 * A log that does not say the same again and again. An entry may say which `trouble` it is about, and how many `patienceMs`
 * that may last unsaid: it is told at the first, then at growing intervals. An entry that says which trouble is `over` is
 * left out unless that was told; it is told with the time the trouble took. What is held back is logged for debugging.
 */
export function patientLog(log: Log, clock: Clock): Log {
  const held = new Map<string, Held>();

  /** Who has fallen silent has not recovered. */
  function tellOverdue(): void {
    for (const [key, { trouble, entry, patienceMs }] of held) {
      if (trouble.toldUnixMs === undefined) meet(key, entry, patienceMs);
    }
  }

  function meet(key: string, entry: LogEntry, patienceMs: number): boolean {
    const now = clock();
    const before = held.get(key)?.trouble;
    const { trouble, isDue } = seenAgain(before, textOf(entry["code"]), now, patienceMs);
    held.set(key, { trouble, entry, patienceMs });
    if (isDue) {
      const lasted = now - trouble.sinceUnixMs;
      log(lasted === 0 ? entry : { ...entry, since: durationText(lasted) });
    }
    return isDue;
  }

  return ({ trouble, over, patienceMs, ...entry }) => {
    if (typeof over !== "string") tellOverdue();
    if (typeof trouble === "string") {
      const oldest = held.size >= mostHeld && !held.has(trouble) ? held.keys().next().value : undefined;
      if (oldest !== undefined) held.delete(oldest);
      const isTold = meet(trouble, entry, typeof patienceMs === "number" ? patienceMs : 0);
      if (!isTold) log({ ...entry, level: "debug" });
    } else if (typeof over === "string") {
      const known = held.get(over)?.trouble;
      held.delete(over);
      if (known?.toldUnixMs === undefined) return;
      log({ ...entry, was: known.toldCodes.join(", ") || undefined, after: durationText(clock() - known.sinceUnixMs) });
    } else log(entry);
  };
}
