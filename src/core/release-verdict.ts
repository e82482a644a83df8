import type { CheckOutcome } from "./release-consensus.ts";
import { ownChecks, type Profile } from "./release-profile.ts";

/** `FAIL`: the ledger says no. `UNVERIFIED`: nobody independent says yes, or an anchor that was asked for is not there. */
export type ReleaseVerdict = "PASS" | "FAIL" | "UNVERIFIED";

/** What a verifier asks of the anchor of a release: verified on the chain, or at least what the network says of it. */
export const anchorDemands = ["anchored", "anchored-or-local"] as const;

export type AnchorDemand = (typeof anchorDemands)[number];

/** Why a release is not `PASS`. */
export interface Failure {
  readonly verdict: "FAIL" | "UNVERIFIED";
  /** A check of the profile, or one of {@link verdictChecks}. */
  readonly check: string;
  readonly reason: string;
  /** What to do about it. */
  readonly hint: string;
  /** The event that says so. */
  readonly event?: string;
}

/** What is judged beside the checks of a profile, with what it means. */
export const verdictChecks = {
  "release.unique": "one version is released once",
  "attestation.failed": "no attestor said fail, also of a check that the profile does not require",
  "attestation.dispute": "no independent attestor disputes the release",
  "ledger.intact": "the events are those that were anchored",
  "profile.known": "the profile of the release is known",
  "witness.independent": "somebody who does not hold a key of the release's node vouches for it",
  "release.anchored": "the anchor that was asked for is verified",
} as const;

interface Told {
  readonly event: string;
  readonly node: string;
  readonly words: string;
}

/** What a verdict is reached from. */
export interface VerdictInput {
  readonly profile: { readonly name: string; readonly found: Profile | undefined };
  /** Why the release event does not count; undefined when it does. */
  readonly releaseFault: string | undefined;
  /** Other releases of the same version that count. */
  readonly duplicates: readonly string[];
  readonly artifactCount: number;
  readonly outcomes: readonly CheckOutcome[];
  readonly violations: readonly Told[];
  /** Disputes by others than the node of the release. */
  readonly disputes: readonly Told[];
  /** What contradicts that the events are those that were anchored. */
  readonly contradictions: readonly string[];
  /** Independent of the release's node: attestors, and anchors that are verified or, when that is asked for, local. */
  readonly witnesses: readonly string[];
  readonly demand: AnchorDemand | undefined;
  /** Is the anchor that is demanded there, or why not? */
  readonly anchor: { readonly isMet: true } | { readonly isMet: false; readonly detail: string; readonly hint: string };
}

/**
 * Everything that keeps a release from `PASS`, by the rules of RepoMesh networks. An anchor adds nothing to these and
 * takes nothing away from them but what is asked of it: whatever fails, fails anchored too.
 */
export function failuresOf(input: VerdictInput): readonly Failure[] {
  return [...ledgerFailures(input), ...requiredFailures(input), ...spokenFailures(input), ...openQuestions(input)];
}

export function verdictOf(failures: readonly Failure[]): ReleaseVerdict {
  if (failures.some(({ verdict }) => verdict === "FAIL")) return "FAIL";
  return failures.length > 0 ? "UNVERIFIED" : "PASS";
}

function ledgerFailures({ releaseFault, duplicates, contradictions }: VerdictInput): Failure[] {
  const signed = releaseFault === undefined ? [] : [releaseFault];
  return [
    ...signed.map((reason) => fail("signed", reason, "do not use this release; ask its maintainers for a new one")),
    ...duplicates.map((event) =>
      fail(
        "release.unique",
        `event ${event} releases the same version again`,
        "ask its maintainers which one holds",
        event,
      ),
    ),
    ...contradictions.map((reason) =>
      fail("ledger.intact", reason, "get the ledger from its network again, and validate it"),
    ),
  ];
}

/** Checks of the profile, each with what is wrong with it. */
function requiredFailures({ profile, artifactCount, violations, outcomes }: VerdictInput): Failure[] {
  const { found } = profile;
  const required = found ? [...found.integrity, ...found.assurance] : [];
  return [...new Set([...required, ...ownChecks])].flatMap((check): Failure[] => {
    switch (check) {
      case "signed":
        return [];
      case "hasArtifacts":
        return artifactCount > 0 ? [] : [fail(check, "the release names no artifact", "release it with its artifacts")];
      case "noPolicyViolations":
        return violations.map(({ node, words, event }) =>
          fail(check, `${node}: ${words}`, "mend what broke the rule, and release a new version", event),
        );
      default:
        return attestedFailure(check, outcomes);
    }
  });
}

const mendIt = "mend it, and release a new version or have it attested again";

/** The signature of the release answers for its chain where no attestor speaks of it. */
function attestedFailure(check: string, outcomes: readonly CheckOutcome[]): Failure[] {
  const outcome = outcomes.find((each) => each.check === check);
  if (outcome?.consensus === "pass" || (!outcome && check === "signature.chain")) return [];
  const hint = `have an attestor that the network trusts publish a passing ${check}`;
  if (!outcome) return [fail(check, "nobody attested it", hint)];
  if (outcome.consensus === "untrusted") {
    const nodes = outcome.sources.map(({ node }) => node).join(", ");
    return [fail(check, `only ${nodes} attested it, whom the policy of the network does not ask`, hint)];
  }
  const source = outcome.sources.find(({ result }) => result === outcome.consensus) ?? outcome.sources[0];
  const whatToDo = outcome.consensus === "fail" ? mendIt : hint;
  const said = source ? `${source.node}: ${source.reason || "no reason given"}` : "";
  return [fail(check, `${outcome.consensus}; ${said}`, whatToDo, source?.event)];
}

/** What attestors say against the release, whether it is required or not. */
function spokenFailures({ profile, outcomes, disputes }: VerdictInput): Failure[] {
  const required = profile.found ? [...profile.found.integrity, ...profile.found.assurance] : [];
  const failed = outcomes.flatMap(({ check, consensus, sources }) =>
    // A required check whose outcome is fail was told already.
    required.includes(check) && consensus !== "pass"
      ? []
      : sources.filter(({ result }) => result === "fail").map((source) => ({ check, source })),
  );
  return [
    ...failed.map(({ check, source }) =>
      fail(
        "attestation.failed",
        `${check}: ${source.node}: ${source.reason || "no reason given"}`,
        mendIt,
        source.event,
      ),
    ),
    ...disputes.map(({ node, words, event }) =>
      fail("attestation.dispute", `${node}: ${words}`, "settle it with who disputes it, in a new version", event),
    ),
  ];
}

function openQuestions({ profile, witnesses, demand, anchor }: VerdictInput): Failure[] {
  const unknown = profile.found ? [] : [profile.name];
  return [
    ...unknown.map((name) =>
      open(
        "profile.known",
        `the profile ${JSON.stringify(name)} is none that this network defines`,
        "name one with --profile, or add it to the profiles/ of the network",
      ),
    ),
    ...(witnesses.length > 0
      ? []
      : [
          open(
            "witness.independent",
            "nobody but the release's own key vouches for it",
            "have an attestor with a key of its own attest it, or verify its anchor",
          ),
        ]),
    ...(demand === undefined || anchor.isMet ? [] : [open("release.anchored", anchor.detail, anchor.hint)]),
  ];
}

function fail(check: string, reason: string, hint: string, event?: string): Failure {
  return { verdict: "FAIL", check, reason, hint, ...(event === undefined ? {} : { event }) };
}

function open(check: string, reason: string, hint: string): Failure {
  return { verdict: "UNVERIFIED", check, reason, hint };
}
