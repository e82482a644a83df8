import { beforeAll, describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import type { ReleaseView } from "../../src/core/release-view.ts";
import type { AnchorDemand } from "../../src/core/release-verdict.ts";
import { type ReleaseJudge, releaseJudge } from "../../src/settle/judge-release.ts";
import { releaseLedger } from "../../src/settle/release-events.ts";
import { readNetworkRules } from "../../src/settle/network-files.ts";
import { eventProofs } from "../../src/settle/release-month.ts";
import { hasShared, sharedJson, sharedPath } from "../support/shared.ts";

interface Published {
  readonly repo: string;
  readonly version: string;
  readonly attestations: readonly { readonly kind: string; readonly reason: string }[];
  readonly [member: string]: unknown;
}

const folder = hasShared ? sharedPath("repomesh-ledger") : "";
const published = sharedJson<readonly Published[]>("repomesh-ledger/registry/trust.json") ?? [];
const nameOf = ({ repo, version }: Pick<Published, "repo" | "version">): string => `${repo}@${version}`;

let judge: ReleaseJudge;

beforeAll(async () => {
  if (!hasShared) return;
  const snapshot = await readLedger(folderTree(`${folder}/ledger`), { hash: nodeSha256 });
  const rules = await readNetworkRules({ tree: folderTree(folder), prefix: "ledger" });
  const never = (): never => {
    throw new TypeError("no month is closed");
  };
  const proofOf = eventProofs(archiveFolder(`${folder}/ledger`), never, never);
  const trust = { publishers: [], accounts: [], logs: [] };
  judge = releaseJudge(releaseLedger(snapshot), rules, { verify: nodeVerify, sha256: nodeSha256, trust, proofOf });
});

/** A view in the words of `registry/trust.json`. */
function entryOf({ repo, version, release, checks, score, profile, violations, disputes }: ReleaseView): object {
  const sourcesOf = (sources: ReleaseView["checks"][number]["sources"]): object[] =>
    sources.map(({ result, reason, node, timestamp }) => ({ result, reason, node, timestamp }));
  const { achieved, of } = score.assuranceScaling;
  const scalingFactor = of === 100 || of === 0 ? 1 : Math.round((100 / of) * 1000) / 1000;
  return {
    repo,
    version,
    commit: release.commit,
    timestamp: release.timestamp,
    artifactCount: release.artifacts.length,
    attestations: checks.map(({ check, consensus, sources }) => {
      return { kind: check, result: consensus, reason: sources[0]?.reason ?? "" };
    }),
    attestationSources: Object.fromEntries(
      checks.map(({ check, consensus, sources }) => [check, { consensus, sources: sourcesOf(sources) }]),
    ),
    policyViolations: violations,
    disputes: disputes.filter(({ isOwn }) => !isOwn),
    ignoredDisputes: disputes.filter(({ isOwn }) => isOwn),
    disputed: score.band === "DISPUTED",
    trustScore: score.integrity,
    integrityScore: score.integrity,
    assuranceScore: score.assurance,
    profileId: profile.from === "node" ? profile.name : null,
    expectedChecks: score.expected,
    assuranceScaling: { rawAchieved: achieved, sumOfPassWeights: of, scalingFactor, renormalized: scalingFactor !== 1 },
    assuranceBreakdown: Object.fromEntries(
      score.assuranceBreakdown.map(({ check, result, points, max }) => [check, { result, points, max }]),
    ),
    completedChecks: score.completed,
    missingChecks: score.missing,
    verdict: score.band,
    assuranceConsensus: Object.fromEntries(
      checks.map(({ check, consensus, sources }) => [
        check,
        {
          consensus,
          sourceCount: sources.length,
          sources: sources.map(({ node, result, reason }) => ({ node, result, reason })),
        },
      ]),
    ),
  };
}

/** Members whose value differs, each with why. Scores, results, profiles and bands do not: only words. */
const differences: Readonly<Record<string, readonly string[]>> = {
  // The note says "signature.chain: pass [verified] — Signature verified against …": as published the tag hides the reason.
  "attestations.signature.chain.reason": ["2.0.0", "2.1.0", "2.2.0", "2.3.0"],
  "attestationSources.signature.chain.reason": ["2.0.0", "2.1.0", "2.2.0", "2.3.0"],
  "assuranceConsensus.signature.chain.reason": ["2.0.0", "2.1.0", "2.2.0", "2.3.0"],
};

/** The entry without the words that differ, and which those are. */
function withoutReasons(entry: unknown, ours: unknown): { readonly same: boolean; readonly found: readonly string[] } {
  const found: string[] = [];
  const walk = (a: unknown, b: unknown, path: readonly string[]): boolean => {
    if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
      const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
      const kind = "kind" in a ? [String(a.kind)] : [];
      return names
        .map((name) =>
          walk((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], [...path, ...kind, name]),
        )
        .every(Boolean);
    }
    if (a === b) return true;
    const place = path.filter((name) => !/^\d+$/.test(name) && name !== "sources").join(".");
    found.push(place);
    return place in differences;
  };
  return { same: walk(entry, ours, []), found };
}

describe.skipIf(!hasShared)("what a live network published of its releases", () => {
  test("is six releases", () => {
    expect(published.map(nameOf)).toHaveLength(6);
  });

  test.for(published.map((entry) => [nameOf(entry), entry] as const))("%s", async ([, entry]) => {
    // The summary is a sentence made of the members above it.
    const { trustSummary: _sentence, ...rest } = entry;
    for (const compat of [false, true]) {
      const view = await judge.judge(entry.repo, entry.version, { compat });
      const { same, found } = withoutReasons(rest, entryOf(view));
      expect(found.filter((place) => !(place in differences))).toEqual([]);
      expect(same).toBe(true);
      for (const [place, versions] of Object.entries(differences)) {
        expect([place, found.includes(place)]).toEqual([place, versions.includes(entry.version)]);
      }
    }
  });
});

/** Verdicts of the network's own verifier, offline, and ours where they differ. */
const verdicts: readonly (readonly [
  release: string,
  demand: AnchorDemand | undefined,
  theirs: string,
  ours: string,
  why?: string,
])[] = [
  ["mcp-tool-shop-org/shipcheck@1.0.4", undefined, "PASS", "PASS"],
  ["mcp-tool-shop-org/shipcheck@1.0.4", "anchored", "UNVERIFIED", "UNVERIFIED"],
  ["mcp-tool-shop-org/shipcheck@1.0.4", "anchored-or-local", "PASS", "PASS"],
  ["mcp-tool-shop-org/shipcheck@1.0.3", undefined, "FAIL", "FAIL"],
  ["mcp-tool-shop-org/shipcheck@1.0.3", "anchored", "UNVERIFIED", "FAIL", "a missing anchor does not excuse a fail"],
  ["mcp-tool-shop-org/shipcheck@1.0.3", "anchored-or-local", "FAIL", "FAIL"],
  ...["2.0.0", "2.1.0", "2.2.0", "2.3.0"].flatMap((version) => [
    [`mcp-tool-shop-org/repomesh@${version}`, undefined, "UNVERIFIED", "UNVERIFIED"] as const,
    [`mcp-tool-shop-org/repomesh@${version}`, "anchored", "UNVERIFIED", "UNVERIFIED"] as const,
    version === "2.0.0"
      ? ([`mcp-tool-shop-org/repomesh@${version}`, "anchored-or-local", "UNVERIFIED", "UNVERIFIED"] as const)
      : ([
          `mcp-tool-shop-org/repomesh@${version}`,
          "anchored-or-local",
          "PASS",
          "UNVERIFIED",
          "the anchor event is signed by the release's own key, which is no witness",
        ] as const),
  ]),
];

describe.skipIf(!hasShared)("verdicts about the releases of a live network", () => {
  test.for(verdicts)("%s %s: theirs %s, ours %s", async ([name, demand, theirs, ours, why]) => {
    const [repo = "", version = ""] = name.split("@");
    expect((await judge.judge(repo, version, { demand })).verdict).toBe(ours);
    expect(theirs !== ours).toBe(why !== undefined);
  });
});
