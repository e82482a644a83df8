import type { NodeId } from "./node-id.ts";
import { type CheckResult, checkResults, type Claim } from "./release-claims.ts";
import type { CheckPolicy } from "./release-policy.ts";

/** What one attestor says of one check. */
export interface Source extends Omit<Claim, "check"> {
  readonly node: NodeId;
  /** One name for all nodes that share a key. */
  readonly witness: NodeId;
  readonly event: string;
  readonly timestamp: string;
}

/**
 * What the attestors of a check say together. `missing`: nobody said anything; `untrusted`: nobody whom the network asks.
 */
export type Consensus = CheckResult | "missing" | "untrusted";

export interface CheckOutcome {
  readonly check: string;
  readonly consensus: Consensus;
  /** One for each attestor, in the order in which they first spoke. */
  readonly sources: readonly Source[];
}

export interface ConsensusRules {
  readonly policy: ReadonlyMap<string, CheckPolicy>;
  /** As networks publish it: the first word of each node id counts, not the last one of each key, and one voice is a quorum. */
  readonly compat?: boolean;
}

/** What is said of each check, checks in the order in which they were first spoken of. */
export function outcomesOf(
  said: Iterable<{ readonly check: string; readonly source: Source }>,
  { policy, compat = false }: ConsensusRules,
): readonly CheckOutcome[] {
  const byCheck = new Map<string, Map<NodeId, Source>>();
  for (const { check, source } of said) {
    const sources = byCheck.get(check) ?? new Map<NodeId, Source>();
    byCheck.set(check, sources);
    const speaker = compat ? source.node : source.witness;
    if (!compat || !sources.has(speaker)) sources.set(speaker, source);
  }
  return Array.from(byCheck, ([check, sources]) => {
    const all = [...sources.values()];
    return { check, consensus: consensusOf(all, policy.get(check), compat), sources: all };
  });
}

/** @param policy - how the network weighs this check; the worst result wins without one */
export function consensusOf(
  sources: readonly Pick<Source, "node" | "result">[],
  policy: CheckPolicy | undefined,
  compat = false,
): Consensus {
  if (sources.length === 0) return "missing";
  const asked = policy?.trustedNodes;
  const results = sources.filter(({ node }) => asked?.has(node) ?? true).map(({ result }) => result);
  return results.length === 0 ? "untrusted" : decide(results, policy, compat);
}

function decide(results: readonly CheckResult[], policy: CheckPolicy | undefined, compat: boolean): CheckResult {
  const { conflictPolicy = "fail-wins", quorum = 1 } = policy ?? {};
  const [first = "unscored"] = results;
  const isUnanimous = results.every((result) => result === first);
  if (isUnanimous && (compat || conflictPolicy !== "quorum-pass")) return first;
  switch (conflictPolicy) {
    case "quorum-pass":
      return results.filter((result) => result === "pass").length >= quorum ? "pass" : "fail";
    case "majority":
      return majorityOf(results);
    case "fail-wins":
      return checkResults.find((result) => results.includes(result)) ?? "unscored";
  }
}

/** The result most of them gave; of several the worst. */
function majorityOf(results: readonly CheckResult[]): CheckResult {
  const countOf = (result: CheckResult): number => results.filter((each) => each === result).length;
  const most = Math.max(...checkResults.map(countOf));
  return checkResults.find((result) => countOf(result) === most) ?? "unscored";
}
