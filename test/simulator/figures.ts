import type { Ran } from "./run-schedule.ts";

/** What many schedules came to. */
export interface Figures {
  readonly schedules: number;
  readonly anchors: number;
  readonly proofs: number;
  /** Faults that took effect, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Operations before or after which a worker was killed. */
  readonly kills: readonly string[];
  readonly mostAttempts: number;
  /** Longest virtual time from the end of the faults until all was done, and whose it was. */
  readonly worstRecovery: { readonly seconds: number; readonly seed: number };
  /** The schedule that took the most of this machine's time. */
  readonly slowest: { readonly ms: number; readonly seed: number };
  readonly totalMs: number;
}

export const emptyFigures: Figures = {
  schedules: 0,
  anchors: 0,
  proofs: 0,
  faults: {},
  kills: [],
  mostAttempts: 0,
  worstRecovery: { seconds: 0, seed: 0 },
  slowest: { ms: 0, seed: 0 },
  totalMs: 0,
};

export function addTo(figures: Figures, ran: Ran, tookMs: number): Figures {
  return merged(figures, {
    schedules: 1,
    anchors: ran.anchors,
    proofs: ran.proofs,
    faults: Object.fromEntries(ran.faults),
    kills: [...ran.kills],
    mostAttempts: ran.mostAttempts,
    worstRecovery: { seconds: ran.recoveryS, seed: ran.seed },
    slowest: { ms: tookMs, seed: ran.seed },
    totalMs: tookMs,
  });
}

export function merged(one: Figures, other: Figures): Figures {
  const faults = { ...one.faults };
  for (const [kind, count] of Object.entries(other.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    schedules: one.schedules + other.schedules,
    anchors: one.anchors + other.anchors,
    proofs: one.proofs + other.proofs,
    faults,
    kills: [...new Set([...one.kills, ...other.kills])],
    mostAttempts: Math.max(one.mostAttempts, other.mostAttempts),
    worstRecovery: other.worstRecovery.seconds > one.worstRecovery.seconds ? other.worstRecovery : one.worstRecovery,
    slowest: other.slowest.ms > one.slowest.ms ? other.slowest : one.slowest,
    totalMs: one.totalMs + other.totalMs,
  };
}

/** The figures as they are told: sorted, and rounded. */
export function figuresJson(figures: Figures): Readonly<Record<string, unknown>> {
  const { schedules, anchors, proofs, faults, kills, mostAttempts, worstRecovery, slowest, totalMs } = figures;
  const sorted = Object.entries(faults).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    schedules,
    anchors,
    proofs,
    faultsInjected: Object.values(faults).reduce((sum, count) => sum + count, 0),
    faults: Object.fromEntries(sorted),
    operationsKilledAt: kills.length,
    worstRecoveryS: Math.round(worstRecovery.seconds),
    worstRecoverySeed: worstRecovery.seed,
    attemptsPerAnchorMax: mostAttempts,
    slowestSeed: slowest.seed,
    slowestMs: Math.round(slowest.ms),
    meanMs: Math.round(totalMs / Math.max(1, schedules)),
  };
}
