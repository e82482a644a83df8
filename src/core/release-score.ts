import type { Consensus } from "./release-consensus.ts";
import type { Weights } from "./release-policy.ts";
import { ownChecks, type Profile } from "./release-profile.ts";

/** Points of the integrity of a release; they add to 100. */
const integrityPoints: ReadonlyMap<string, number> = new Map([
  ["signed", 15],
  ["hasArtifacts", 15],
  ["noPolicyViolations", 15],
  ["sbom.present", 20],
  ["provenance.present", 20],
  ["signature.chain", 15],
]);

const defaultWeights: ReadonlyMap<string, Weights> = new Map([
  ["license.audit", { pass: 30, warn: 15, fail: 0 }],
  ["security.scan", { pass: 40, warn: 20, fail: 0 }],
  ["repro.build", { pass: 30, warn: 15, fail: 0 }],
]);

/** Most points of integrity, and of assurance, while a dispute stands. */
const disputedCap = 39;

/** `VERIFIED` from 70 points of integrity on, `PARTIAL` from 40; a dispute takes all others away. */
export type Band = "VERIFIED" | "PARTIAL" | "UNVERIFIED" | "DISPUTED";

export interface ScoreInput {
  /** Undefined: none was chosen, and every integrity check is expected. */
  readonly profile: Profile | undefined;
  /** Weights that the repository asks for; they can only make it harder. */
  readonly overrides: ReadonlyMap<string, Weights>;
  readonly outcomes: readonly { readonly check: string; readonly consensus: Consensus }[];
  /** Which of the ledger's own answers are good. */
  readonly own: Readonly<Record<(typeof ownChecks)[number], boolean>>;
  readonly isDisputed: boolean;
}

export interface Points {
  readonly check: string;
  readonly result: Consensus;
  readonly points: number;
  readonly max: number;
}

export interface Score {
  readonly band: Band;
  /** 0 to 100. */
  readonly integrity: number;
  readonly assurance: number;
  readonly assuranceBreakdown: readonly Points[];
  /** Points before they are brought to 100, and what they are of. */
  readonly assuranceScaling: { readonly achieved: number; readonly of: number };
  readonly expected: readonly string[];
  readonly completed: readonly string[];
  readonly missing: readonly string[];
}

function isOwn(check: string): check is (typeof ownChecks)[number] {
  return ownChecks.some((own) => own === check);
}

/** The scores of a release as networks compute them. They say how much was shown, and decide nothing. */
export function scoreOf(input: ScoreInput): Score {
  const { profile, own, isDisputed } = input;
  const integrityChecks = profile?.integrity ?? [...integrityPoints.keys()];
  const expected = [...integrityChecks, ...(profile?.assurance ?? [])];
  const resultOf = (check: string): Consensus =>
    input.outcomes.find((outcome) => outcome.check === check)?.consensus ?? "missing";
  const isGood = (check: string): boolean => (isOwn(check) ? own[check] : !isDisputed && resultOf(check) === "pass");
  const isRun = (check: string): boolean => ["pass", "warn", "fail"].includes(resultOf(check));
  const isComplete = (check: string): boolean => (integrityChecks.includes(check) ? isGood(check) : isRun(check));
  const earned = Array.from(integrityPoints, ([check, points]) => (isGood(check) ? points : 0));
  const integrity = Math.min(sum(earned), isDisputed ? disputedCap : 100);
  const { assurance, ...details } = assuranceOf(input, resultOf);
  return {
    band: isDisputed ? "DISPUTED" : integrity >= 70 ? "VERIFIED" : integrity >= 40 ? "PARTIAL" : "UNVERIFIED",
    integrity,
    assurance: isDisputed ? Math.min(assurance, disputedCap) : assurance,
    ...details,
    expected,
    completed: expected.filter(isComplete),
    missing: expected.filter((check) => !isComplete(check)),
  };
}

function assuranceOf(
  { profile, overrides }: ScoreInput,
  resultOf: (check: string) => Consensus,
): Pick<Score, "assurance" | "assuranceBreakdown" | "assuranceScaling"> {
  const named = profile?.assurance ?? [];
  const checks = named.length > 0 ? named : [...defaultWeights.keys()];
  const assuranceBreakdown = checks.flatMap((check): Points[] => {
    const governed = profile?.weights.get(check) ?? defaultWeights.get(check);
    if (!governed) return [];
    const weights = overridden(governed, overrides.get(check));
    const result = resultOf(check);
    const points = result === "pass" || result === "warn" || result === "fail" ? weights[result] : 0;
    return [{ check, result, points, max: weights.pass }];
  });
  const achieved = sum(assuranceBreakdown.map(({ points }) => points));
  const of = sum(assuranceBreakdown.map(({ max }) => max));
  const scaled = of > 0 && of !== 100 ? Math.round(achieved * (100 / of)) : achieved;
  return { assurance: Math.min(scaled, 100), assuranceBreakdown, assuranceScaling: { achieved, of } };
}

/** A repository may not make a failing check worth something, nor a warning worth more. */
function overridden(governed: Weights, own: Weights | undefined): Weights {
  return own ? { pass: own.pass, warn: Math.min(own.warn, governed.warn), fail: 0 } : governed;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
