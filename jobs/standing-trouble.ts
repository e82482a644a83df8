/** A trouble that goes on, and what was told of it. */
export interface Trouble {
  readonly sinceUnixMs: number;
  /** What it is at the moment: one trouble may come to be another before it is over. */
  readonly code: string;
  readonly codeSinceUnixMs: number;
  readonly toldCodes: readonly string[];
  /** Undefined while nothing was told. */
  readonly toldUnixMs?: number;
  readonly tellings: number;
}

export interface Seen {
  readonly trouble: Trouble;
  /** Is it to be told now? */
  readonly isDue: boolean;
}

const hourMs = 3_600_000;

/** Time from one telling to the next: 1, 6 and 24 hours after the first, then once a day. */
const againMs: readonly number[] = [hourMs, 5 * hourMs, 18 * hourMs];
const dailyMs = 24 * hourMs;

/**
 * What becomes of a trouble that is met at this time: told at the first, then at growing intervals, and when it has become
 * another one.
 *
 * @param known - undefined when it is new
 * @param patienceMs - one that is over sooner is not told at all
 */
export function seenAgain(known: Trouble | undefined, code: string, nowUnixMs: number, patienceMs: number): Seen {
  const before = known ?? { sinceUnixMs: nowUnixMs, toldCodes: [], tellings: 0 };
  const codeSinceUnixMs = known?.code === code ? known.codeSinceUnixMs : nowUnixMs;
  const trouble: Trouble = { ...before, code, codeSinceUnixMs };
  const isDue = isToBeTold(trouble, nowUnixMs, patienceMs);
  if (!isDue) return { trouble, isDue };
  const toldCodes = [...new Set([...trouble.toldCodes, code])];
  return { trouble: { ...trouble, toldCodes, toldUnixMs: nowUnixMs, tellings: trouble.tellings + 1 }, isDue };
}

function isToBeTold(trouble: Trouble, nowUnixMs: number, patienceMs: number): boolean {
  const { toldUnixMs, sinceUnixMs, codeSinceUnixMs, toldCodes, code, tellings } = trouble;
  if (toldUnixMs === undefined) return nowUnixMs - sinceUnixMs >= patienceMs;
  if (!toldCodes.includes(code)) return nowUnixMs - codeSinceUnixMs >= patienceMs;
  return nowUnixMs - toldUnixMs >= (againMs[tellings - 1] ?? dailyMs);
}

const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/** A time for people, of the largest unit of which there are two: `50 hours`, `12 minutes`. */
export function durationText(ms: number): string {
  const s = Math.round(ms / 1000);
  const [unit, length] = units.find(([, each]) => s >= 2 * each) ?? ["second", 1];
  const count = Math.round(s / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
