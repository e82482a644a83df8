import { eventContent, type LedgerEvent } from "../core/ledger-event.ts";
import type { NodeId } from "../core/node-id.ts";
import { objectsIn, textOf } from "../core/json-members.ts";
import { claimsOf, isDispute, wordsOf } from "../core/release-claims.ts";
import { type CheckOutcome, outcomesOf } from "../core/release-consensus.ts";
import type { Profile } from "../core/release-profile.ts";
import { scoreOf } from "../core/release-score.ts";
import type { Judged } from "../core/release-signer.ts";
import { failuresOf, type VerdictInput, verdictOf } from "../core/release-verdict.ts";
import type { DisputeView, EventView, ReleaseView, SayingView, VulnerabilityView } from "../core/release-view.ts";
import type { JudgeReleaseOptions, LedgerFacts } from "./judge-release.ts";
import type { NodeChoice } from "./network-files.ts";
import { demandMet, networkAnchorsOf, type NetworkAnchors } from "./release-network-anchors.ts";
import type { MonthEvidence } from "./release-month.ts";

/** An event that counts, with who said it. */
interface Counting {
  readonly event: LedgerEvent;
  readonly node: NodeId;
}

/** What counts of what is said of a release. */
interface Said {
  readonly node: NodeId;
  readonly attestations: readonly Counting[];
  readonly outcomes: readonly CheckOutcome[];
  readonly violations: readonly SayingView[];
  readonly disputes: readonly DisputeView[];
  readonly vulnerabilities: readonly VulnerabilityView[];
}

/** Does an event say something of this release? A vulnerability of the whole repository is one of each release. */
function isAbout(event: LedgerEvent, release: LedgerEvent): boolean {
  const content = eventContent(event);
  if (event.dialect === "monthly" && content["targetEventId"] === release.id) return true;
  if (event.repo !== release.repo) return false;
  const version = event.version ?? (textOf(content["toVersion"]) || undefined);
  return version === release.version || (version === undefined && event.type === "DependencyVulnFound");
}

/** Everything that the ledger says about a release, judged. */
export async function viewOf(
  release: LedgerEvent,
  facts: LedgerFacts,
  options: JudgeReleaseOptions,
): Promise<ReleaseView> {
  const { repo = "", version = "" } = release;
  const near = await facts.ledger.near(release);
  const about = near.filter((event) => event.id !== release.id && isAbout(event, release));
  const judged = await Promise.all([release, ...about].map((event) => facts.judged(event)));
  const [own, ...others] = judged;
  const said = saidOf(release, others, facts, options);
  const [month, anchors, choice] = await Promise.all([
    facts.evidence(release),
    networkAnchorsOf(release, facts),
    facts.rules.choiceOf(repo),
  ]);
  const chosen = await profileOf(release, choice, facts, options);
  const input = verdictInput({ release, own, others, said, month, anchors }, chosen, facts, options);
  const failures = failuresOf(input);
  const required = chosen.found ? [...chosen.found.integrity, ...chosen.found.assurance] : [];
  return {
    repo,
    version,
    verdict: verdictOf(failures),
    failures,
    release: { ...releaseOf(release), ...signerOf(own) },
    profile: { name: chosen.name, from: chosen.from, required },
    policy: facts.ledger.dialect === "monthly" ? "kinds" : facts.rules.policyFrom === "file" ? "network" : "none",
    checks: said.outcomes.map((outcome) => ({ ...outcome, required: required.includes(outcome.check) })),
    violations: said.violations,
    disputes: said.disputes,
    vulnerabilities: said.vulnerabilities,
    witnesses: input.witnesses,
    demand: options.demand ?? null,
    anchors: { month: month.anchor, network: anchors.views },
    score: scoreOf({
      profile: chosen.from === "default" ? undefined : chosen.found,
      overrides: choice.overrides,
      outcomes: said.outcomes,
      own: {
        signed: input.releaseFault === undefined,
        hasArtifacts: input.artifactCount > 0,
        noPolicyViolations: said.violations.length === 0,
      },
      isDisputed: input.disputes.length > 0,
    }),
    events: judged.map(eventView),
  };
}

function counting(judged: readonly Judged[], type: string): Counting[] {
  return judged.flatMap(({ event, standing }) =>
    event.type === type && standing.counts ? [{ event, node: standing.node }] : [],
  );
}

function saidOf(
  release: LedgerEvent,
  others: readonly Judged[],
  { witness, rules }: LedgerFacts,
  { compat = false }: JudgeReleaseOptions,
): Said {
  const node = release.repo ?? "";
  const attestations = counting(others, "AttestationPublished");
  const said = attestations.flatMap(({ event, node: by }) =>
    claimsOf(event).map(({ check, result, reason }) => ({
      check,
      source: { result, reason, node: by, witness: witness(by), event: event.id, timestamp: event.timestamp },
    })),
  );
  return {
    node,
    attestations,
    outcomes: outcomesOf(said, { policy: rules.checks, compat }),
    violations: counting(others, "PolicyViolation").map(sayingOf),
    disputes: attestations
      .filter(({ event }) => isDispute(event))
      .map((each) => ({ ...sayingOf(each), isOwn: witness(each.node) === witness(node) })),
    vulnerabilities: counting(others, "DependencyVulnFound").map(vulnerabilityOf),
  };
}

function sayingOf({ event, node }: Counting): SayingView {
  return { event: event.id, node, timestamp: event.timestamp, words: wordsOf(event) || `${event.type} without words` };
}

function vulnerabilityOf(counted: Counting): VulnerabilityView {
  const content = eventContent(counted.event);
  const text = (name: string): string | null => textOf(content[name]) || null;
  return {
    ...sayingOf(counted),
    dependency: text("dependency"),
    cve: text("cveId"),
    severity: text("severity"),
    fixedVersion: text("fixedVersion"),
    ofRepository: counted.event.version === undefined,
  };
}

interface Chosen {
  readonly name: string;
  readonly from: ReleaseView["profile"]["from"];
  readonly found: Profile | undefined;
}

async function profileOf(
  release: LedgerEvent,
  choice: NodeChoice,
  { rules }: LedgerFacts,
  { profile }: JudgeReleaseOptions,
): Promise<Chosen> {
  const own = release.dialect === "monthly" ? textOf(eventContent(release)["profile"]) || undefined : undefined;
  const name = profile ?? own ?? choice.profile ?? "baseline";
  const from = profile !== undefined ? "verifier" : own !== undefined ? "release" : choice.profile ? "node" : "default";
  return { name, from, found: await rules.profile(name) };
}

interface Gathered {
  readonly release: LedgerEvent;
  readonly own: Judged | undefined;
  readonly others: readonly Judged[];
  readonly said: Said;
  readonly month: MonthEvidence;
  readonly anchors: NetworkAnchors;
}

function verdictInput(
  { release, own, others, said, month, anchors }: Gathered,
  profile: Chosen,
  { witness, contradictions }: LedgerFacts,
  { demand }: JudgeReleaseOptions,
): VerdictInput {
  const isOther = (node: NodeId): boolean => witness(node) !== witness(said.node);
  const vouching = said.outcomes
    .flatMap(({ sources }) => sources)
    .filter(({ result, node }) => result === "pass" && isOther(node))
    .map(({ node }) => node);
  const anchor = demandMet(demand, month, anchors);
  return {
    profile,
    releaseFault: own?.standing.counts === false ? own.standing.why : undefined,
    duplicates: counting(others, "ReleasePublished").map(({ event }) => event.id),
    artifactCount: releaseOf(release).artifacts.length,
    outcomes: said.outcomes,
    violations: said.violations,
    disputes: said.disputes.filter(({ isOwn }) => !isOwn),
    contradictions: [
      ...contradictions,
      ...anchors.contradictions,
      ...(month.contradiction === undefined ? [] : [month.contradiction]),
    ],
    witnesses: [...new Set([...vouching, ...anchor.witnesses])],
    demand,
    anchor,
  };
}

function releaseOf(release: LedgerEvent): Omit<ReleaseView["release"], "node" | "keyId"> {
  const content = eventContent(release);
  return {
    event: release.id,
    timestamp: release.timestamp,
    commit: textOf(content["commit"]) || null,
    artifacts: objectsIn(content, "artifacts").map(({ name, sha256, uri }) => ({
      name: textOf(name),
      sha256: textOf(sha256),
      uri: textOf(uri) || null,
    })),
  };
}

function signerOf(own: Judged | undefined): Pick<ReleaseView["release"], "node" | "keyId"> {
  const standing = own?.standing;
  return { node: standing?.node ?? null, keyId: standing?.counts ? (standing.keyId ?? null) : null };
}

function eventView({ event, standing }: Judged): EventView {
  const { id, type, timestamp } = event;
  const why = standing.counts ? null : standing.why;
  return { id, type, timestamp, node: standing.node ?? null, counts: standing.counts, why };
}
