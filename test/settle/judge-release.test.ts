import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import {
  anchorEvent,
  type Files,
  jsonlContent,
  jsonlEvent,
  nativeEvent,
  networkManifest,
  nodeJson,
  pemOf,
  textIn,
} from "../support/build-ledger.ts";
import {
  judged,
  judgeOf,
  jsonlAttestation,
  jsonlDispute,
  jsonlNetwork,
  jsonlNodes,
  jsonlRelease,
  jsonlViolation,
  monthlyAttestation,
  monthlyNetwork,
  monthlyNodes,
  monthlyRelease,
  widget,
} from "../support/releases.ts";

const name = `${widget}@1.0.0`;
const pass = jsonlAttestation("audit/one", { "license.audit": "pass" });
const manyPass = (...checks: string[]): Record<string, string> =>
  Object.fromEntries(checks.map((check) => [check, "pass"]));
const openSource = ["sbom.present", "provenance.present", "signature.chain", "license.audit", "security.scan"];

/** The nodes of a network, with other members for the key of one. */
function withKey(id: string, key: JsonObject, nodes = jsonlNodes): JsonObject[] {
  return nodes.map((node) => (node["id"] === id ? nodeJson(id, textIn(node["kind"]), {}, key) : node));
}

const compromised = {
  revokedAt: "2026-03-01T00:00:00Z",
  revocationReason: "compromise",
  invalidAfter: "2026-02-01T00:00:00Z",
};
const violation = {
  repo: widget,
  version: "1.0.0",
  ruleId: "changelog.missing",
  details: "no changelog",
  suggestedAction: "write one",
};
const vulnerability = {
  repo: widget,
  dependency: "pkg:npm/left-pad@1.3.0",
  cveId: "CVE-2026-12345",
  severity: "high",
  fixAvailable: false,
};

interface Case {
  readonly what: string;
  readonly files: Files;
  readonly verdict: "PASS" | "FAIL" | "UNVERIFIED";
  /** Checks of the failures. */
  readonly why?: readonly string[];
}

const jsonl: readonly Case[] = [
  { what: "attested by another", files: jsonlNetwork({ events: [jsonlRelease(), pass] }), verdict: "PASS" },
  {
    what: "attested by nobody",
    files: jsonlNetwork({ events: [jsonlRelease()] }),
    verdict: "UNVERIFIED",
    why: ["witness.independent"],
  },
  {
    what: "attested by somebody who may not",
    files: jsonlNetwork({
      events: [jsonlRelease(), jsonlAttestation("rules/keeper", { "license.audit": "pass" })],
    }),
    verdict: "UNVERIFIED",
    why: ["witness.independent"],
  },
  {
    what: "attested by a node that shares its key",
    files: jsonlNetwork({
      nodes: [
        ...jsonlNodes.filter(({ id }) => id !== widget),
        nodeJson(widget, "compute", {}, jsonlKeyOf("audit/one")),
      ],
      events: [jsonlRelease("1.0.0", {}, "audit/one"), pass],
    }),
    verdict: "UNVERIFIED",
    why: ["witness.independent"],
  },
  {
    what: "a fail nobody asked for",
    files: jsonlNetwork({ events: [jsonlRelease(), pass, jsonlAttestation("audit/two", { "repro.build": "fail" })] }),
    verdict: "FAIL",
    why: ["attestation.failed"],
  },
  {
    what: "a required check that warns",
    files: jsonlNetwork({
      events: [jsonlRelease(), pass, jsonlAttestation("audit/two", { "signature.chain": "warn" })],
    }),
    verdict: "FAIL",
    why: ["signature.chain"],
  },
  {
    what: "notes that say pass and a URI that says fail",
    files: jsonlNetwork({
      events: [
        jsonlRelease(),
        jsonlAttestation("audit/one", { "license.audit": "fail" }, "2026-01-06T10:00:00Z", {
          notes: "license.audit: pass — all good",
        }),
      ],
    }),
    verdict: "FAIL",
    why: ["attestation.failed", "witness.independent"],
  },
  {
    what: "one attestor, first pass, then fail",
    files: jsonlNetwork({
      events: [
        jsonlRelease(),
        pass,
        jsonlAttestation("audit/one", { "license.audit": "fail" }, "2026-01-07T10:00:00Z"),
      ],
    }),
    verdict: "FAIL",
    why: ["attestation.failed", "witness.independent"],
  },
  {
    what: "one attestor, first fail, then pass",
    files: jsonlNetwork({ events: [jsonlRelease(), jsonlAttestation("audit/one", { "license.audit": "fail" }), pass] }),
    verdict: "PASS",
  },
  {
    what: "a violation",
    files: jsonlNetwork({ events: [jsonlRelease(), pass, jsonlViolation()] }),
    verdict: "FAIL",
    why: ["noPolicyViolations"],
  },
  {
    what: "a violation by somebody who may not report any",
    files: jsonlNetwork({ events: [jsonlRelease(), pass, jsonlViolation("audit/one")] }),
    verdict: "PASS",
  },
  {
    what: "a dispute, which is no witness either",
    files: jsonlNetwork({ events: [jsonlRelease(), jsonlDispute("audit/two")] }),
    verdict: "FAIL",
    why: ["attestation.dispute", "witness.independent"],
  },
  {
    what: "no artifacts",
    files: jsonlNetwork({ events: [jsonlRelease("1.0.0", { artifacts: [] }), pass] }),
    verdict: "FAIL",
    why: ["hasArtifacts"],
  },
  {
    what: "a release by a key of another",
    files: jsonlNetwork({ events: [jsonlRelease("1.0.0", {}, "audit/two"), pass] }),
    verdict: "FAIL",
    why: ["signed"],
  },
  {
    what: "one version released twice",
    files: jsonlNetwork({ events: [jsonlRelease(), jsonlRelease("1.0.0", { notes: "again" }), pass] }),
    verdict: "FAIL",
    why: ["release.unique"],
  },
  {
    what: "a key that was compromised later",
    files: jsonlNetwork({ events: [jsonlRelease(), pass], nodes: withKey(widget, compromised) }),
    verdict: "FAIL",
    why: ["signed"],
  },
  {
    what: "a key that was retired later",
    files: jsonlNetwork({
      events: [jsonlRelease(), pass],
      nodes: withKey(widget, { revokedAt: "2026-03-01T00:00:00Z", revocationReason: "retirement" }),
    }),
    verdict: "PASS",
  },
  {
    what: "an attestor whose key was compromised later",
    files: jsonlNetwork({ events: [jsonlRelease(), pass], nodes: withKey("audit/one", compromised) }),
    verdict: "UNVERIFIED",
    why: ["witness.independent"],
  },
  {
    what: "a revocation that the manifest does not show",
    files: jsonlNetwork({ events: [jsonlRelease(), pass, revocation("rules/keeper")] }),
    verdict: "FAIL",
    why: ["signed"],
  },
  {
    what: "a revocation by the key itself",
    files: jsonlNetwork({ events: [jsonlRelease(), pass, revocation(widget)] }),
    verdict: "PASS",
  },
  {
    what: "a revocation by somebody who may not",
    files: jsonlNetwork({ events: [jsonlRelease(), pass, revocation("audit/two")] }),
    verdict: "PASS",
  },
  {
    what: "a profile that its node chose",
    files: jsonlNetwork({
      events: [jsonlRelease(), pass],
      more: { [`ledger/nodes/${widget}/repomesh.profile.json`]: '{"profileId":"open-source"}' },
    }),
    verdict: "FAIL",
    why: ["sbom.present", "provenance.present", "security.scan"],
  },
  {
    what: "a profile of the network",
    files: jsonlNetwork({
      events: [jsonlRelease(), pass],
      more: {
        [`ledger/nodes/${widget}/repomesh.profile.json`]: '{"profileId":"house"}',
        "profiles/house.json": '{"id":"house","requiredChecks":{"integrity":[],"assurance":["license.audit"]}}',
      },
    }),
    verdict: "PASS",
  },
  {
    what: "a profile nobody knows",
    files: jsonlNetwork({
      events: [jsonlRelease(), pass],
      more: { [`ledger/nodes/${widget}/repomesh.profile.json`]: '{"profileId":"../../secret"}' },
    }),
    verdict: "UNVERIFIED",
    why: ["profile.known"],
  },
  {
    what: "a manifest of the network that does not recompute",
    files: jsonlNetwork({
      events: [jsonlRelease(), pass],
      more: {
        "anchor/xrpl/manifests/all.json": JSON.stringify({
          ...networkManifest([jsonlRelease(), pass], "all"),
          count: 1,
        }),
      },
    }),
    verdict: "FAIL",
    why: ["ledger.intact", "ledger.intact"],
  },
];

function revocation(signer: string): JsonObject {
  const key = {
    action: "revoke",
    revokedKeyId: "acme-widget-1",
    reason: "compromise",
    invalidAfter: "2026-01-01T00:00:00Z",
  };
  return jsonlEvent({ type: "KeyRevocation", repo: widget, timestamp: "2026-02-02T00:00:00Z", key }, signer);
}

/** The key of another node, under a name of its own. */
function jsonlKeyOf(id: string): JsonObject {
  const [maintainer] = (nodeJson(id, "attestor")["maintainers"] ?? []) as readonly JsonObject[];
  return { publicKey: maintainer?.["publicKey"] ?? "", keyId: "audit-one-1" };
}

const release = monthlyRelease();

const monthly: readonly Case[] = [
  {
    what: "attested by another",
    files: monthlyNetwork({ events: [release, monthlyAttestation(release.id, { "license.audit": "pass" })] }),
    verdict: "PASS",
  },
  {
    what: "attested by nobody",
    files: monthlyNetwork({ events: [release] }),
    verdict: "UNVERIFIED",
    why: ["witness.independent"],
  },
  {
    what: "attested by a node of another kind",
    files: monthlyNetwork({
      events: [release, monthlyAttestation(release.id, { "license.audit": "pass" }, "watch/tower")],
    }),
    verdict: "UNVERIFIED",
    why: ["witness.independent"],
  },
  {
    what: "a fail",
    files: monthlyNetwork({ events: [release, monthlyAttestation(release.id, { "license.audit": "fail" })] }),
    verdict: "FAIL",
    why: ["attestation.failed", "witness.independent"],
  },
  {
    what: "a violation of this version, without a target",
    files: monthlyNetwork({
      events: [
        release,
        monthlyAttestation(release.id, { "license.audit": "pass" }),
        nativeEvent("PolicyViolation", "rules/keeper", "2026-01-07T10:00:00Z", violation),
      ],
    }),
    verdict: "FAIL",
    why: ["noPolicyViolations"],
  },
  {
    what: "a vulnerability, which is shown and not counted",
    files: monthlyNetwork({
      events: [
        release,
        monthlyAttestation(release.id, { "license.audit": "pass" }),
        nativeEvent("DependencyVulnFound", "watch/tower", "2026-01-07T10:00:00Z", vulnerability),
      ],
    }),
    verdict: "PASS",
  },
  {
    what: "a key that was compromised later",
    files: monthlyNetwork({
      events: [release, monthlyAttestation(release.id, { "license.audit": "pass" })],
      nodes: withKey(widget, compromised, monthlyNodes),
    }),
    verdict: "FAIL",
    why: ["signed"],
  },
  {
    what: "the profile of the release",
    files: monthlyNetwork({ events: [monthlyRelease({ profile: "regulated" })] }),
    verdict: "FAIL",
    why: ["sbom.present", "provenance.present", "license.audit", "security.scan", "repro.build", "witness.independent"],
  },
];

describe.each([
  ["jsonl", jsonl],
  ["monthly", monthly],
] as const)("%s", (_dialect, cases) => {
  test.for(cases)("$what: $verdict", async ({ files, verdict, why = [] }) => {
    const view = await judged(files, name);
    expect(view.failures.map(({ check }) => check)).toEqual(why);
    expect(view.verdict).toBe(verdict);
  });
});

describe("a compromise is of the key, under every name that one owner gives it", () => {
  const gadget = (org: string): JsonObject =>
    nodeJson(`${org}/gadget`, "compute", {}, { ...compromised, publicKey: pemOf(widget) });

  test.for([
    ["acme", "FAIL"],
    ["rivals", "UNVERIFIED"],
  ] as const)("said by a node of %s: %s", async ([org, verdict]) => {
    const files = jsonlNetwork({ events: [jsonlRelease()], nodes: [...jsonlNodes, gadget(org)] });
    expect((await judged(files, name)).verdict).toBe(verdict);
  });
});

test("the verifier's profile beats that of the release", async () => {
  const whole = jsonlNetwork({ events: [jsonlRelease(), jsonlAttestation("audit/one", manyPass(...openSource))] });
  expect((await judged(whole, name, { profile: "open-source" })).verdict).toBe("PASS");
  expect(await judged(whole, name, { profile: "regulated" })).toMatchObject({
    verdict: "FAIL",
    failures: [{ check: "repro.build", reason: "nobody attested it" }],
  });
});

describe("anchors of the network", () => {
  const anchored = (signer: "net/registry" | "acme/widget"): Files => {
    const events = [jsonlRelease(), pass];
    const anchor = anchorEvent(networkManifest(events, "genesis"), "2026-02-01T10:00:00Z");
    const own = jsonlEvent(withoutSignature(anchor), signer);
    return jsonlNetwork({ events: [...events, own] });
  };

  test.for([
    { signer: "net/registry", demand: "anchored", verdict: "UNVERIFIED" },
    { signer: "net/registry", demand: "anchored-or-local", verdict: "PASS" },
    { signer: "acme/widget", demand: "anchored-or-local", verdict: "UNVERIFIED" },
  ] as const)("by $signer, $demand: $verdict", async ({ signer, demand, verdict }) => {
    expect((await judged(anchored(signer), name, { demand })).verdict).toBe(verdict);
    expect((await judged(anchored(signer), name)).verdict).toBe("PASS");
  });

  test.for([
    { by: "its own node", signer: "net/registry", verdict: "UNVERIFIED", independent: false },
    { by: "another node", signer: "audit/two", verdict: "PASS", independent: true },
  ] as const)("over a registry's own release, by $by: $verdict", async ({ signer, verdict, independent }) => {
    const own = jsonlEvent(
      jsonlContent("ReleasePublished", "net/registry", "2.0.0", "2026-01-05T10:00:00Z"),
      "net/registry",
    );
    const attested = jsonlEvent(
      jsonlContent("AttestationPublished", "net/registry", "2.0.0", "2026-01-06T10:00:00Z", {
        notes: "license.audit: pass - fine",
      }),
      "audit/one",
    );
    const anchor = anchorEvent(networkManifest([own, attested], "genesis"), "2026-02-01T10:00:00Z");
    const events = [own, attested, jsonlEvent(withoutSignature(anchor), signer)];
    const view = await judged(jsonlNetwork({ events }), "net/registry@2.0.0", { demand: "anchored-or-local" });
    expect(view.anchors.network).toMatchObject([{ nodes: [signer], independent }]);
    expect(view.verdict).toBe(verdict);
  });

  test("cover the window they count, and nothing behind it", async () => {
    const events = [jsonlRelease("0.9.0"), jsonlAttestation("audit/one", {})];
    const anchor = anchorEvent(networkManifest(events, "genesis"), "2026-02-01T10:00:00Z");
    const files = jsonlNetwork({ events: [...events, anchor, jsonlRelease(), pass] });
    expect((await judged(files, `${widget}@0.9.0`)).anchors.network).toHaveLength(1);
    const later = await judged(files, name, { demand: "anchored-or-local" });
    expect(later).toMatchObject({ verdict: "UNVERIFIED", anchors: { network: [] } });
  });

  test("that contradict the events fail the release", async () => {
    const events = [jsonlRelease(), pass];
    const root = "00".repeat(32);
    const wrong = anchorEvent({ ...networkManifest(events, "genesis"), root }, "2026-02-01T10:00:00Z");
    const view = await judged(jsonlNetwork({ events: [...events, wrong] }), name);
    expect(view.verdict).toBe("FAIL");
    expect(new Set(view.failures.map(({ check }) => check))).toEqual(new Set(["ledger.intact"]));
  });
});

function withoutSignature({ signature: _old, ...content }: JsonObject): JsonObject {
  return content;
}

test("scores as published count the first word of an attestor, ours the last", async () => {
  const files = jsonlNetwork({
    events: [jsonlRelease(), pass, jsonlAttestation("audit/one", { "license.audit": "fail" }, "2026-01-07T10:00:00Z")],
  });
  expect((await judged(files, name)).score.assurance).toBe(0);
  expect((await judged(files, name, { compat: true })).score.assurance).toBe(30);
});

test.for([
  { quorum: 1, consensus: "pass", compat: "pass" },
  { quorum: 2, consensus: "fail", compat: "pass" },
] as const)("two nodes with one key are one voice of a quorum of $quorum", async ({ quorum, consensus, compat }) => {
  const checks = { "license.audit": { conflictPolicy: "quorum-pass", quorum } };
  const trustedAttestors = ["audit/one", "audit/two"];
  const twin = nodeJson("audit/two", "attestor", {}, { publicKey: pemOf("audit/one") });
  const second = jsonlContent("AttestationPublished", widget, "1.0.0", "2026-01-07T10:00:00Z", {
    notes: "license.audit: pass — again",
  });
  const files = jsonlNetwork({
    events: [jsonlRelease(), pass, jsonlEvent(second, "audit/one", "audit-two-1")],
    nodes: [...jsonlNodes.filter(({ id }) => id !== "audit/two"), twin],
    more: { "verifier.policy.json": JSON.stringify({ trustedAttestors, checks }) },
  });
  const outcomeOf = async (isCompat: boolean) => (await judged(files, name, { compat: isCompat })).checks[0];
  expect(await outcomeOf(false)).toMatchObject({ consensus, sources: [{ node: "audit/two" }] });
  expect(await outcomeOf(true)).toMatchObject({ consensus: compat, sources: [{}, {}] });
});

test("only those count whom the policy asks about a check", async () => {
  const checks = { "license.audit": { mode: "trusted-set", trustedNodes: ["audit/two"] } };
  const policy = { trustedAttestors: ["audit/one", "audit/two"], checks };
  const files = (...said: readonly JsonObject[]): Files =>
    jsonlNetwork({ events: [jsonlRelease(), ...said], more: { "verifier.policy.json": JSON.stringify(policy) } });
  expect((await judged(files(pass), name)).checks).toMatchObject([{ consensus: "untrusted" }]);
  const both = files(pass, jsonlAttestation("audit/two", { "license.audit": "warn" }));
  expect((await judged(both, name)).checks).toMatchObject([{ consensus: "warn" }]);
});

test("a dispute takes the gated points and caps the rest", async () => {
  const events = [jsonlRelease(), jsonlAttestation("audit/one", manyPass(...openSource, "repro.build"))];
  expect((await judged(jsonlNetwork({ events }), name)).score).toMatchObject({ integrity: 100, band: "VERIFIED" });
  const disputed = await judged(jsonlNetwork({ events: [...events, jsonlDispute("audit/two")] }), name);
  expect(disputed.score).toMatchObject({ integrity: 39, assurance: 39, band: "DISPUTED" });
  expect(disputed.score.missing).toEqual(["sbom.present", "provenance.present", "signature.chain"]);
});

test("a repository's own weights cannot make a warning worth more", async () => {
  const heavy = { "license.audit": { pass: 30, warn: 30, fail: 0 } };
  const files = jsonlNetwork({
    events: [jsonlRelease(), jsonlAttestation("audit/one", { "license.audit": "warn" })],
    more: {
      [`ledger/nodes/${widget}/repomesh.overrides.json`]: JSON.stringify({ scoring: { assuranceWeights: heavy } }),
    },
  });
  expect((await judged(files, name)).score.assurance).toBe(15);
});

test("what does not count is shown with its reason", async () => {
  const { events } = await judged(jsonlNetwork({ events: [jsonlRelease(), jsonlViolation("audit/one")] }), name);
  expect(events).toMatchObject([
    { type: "ReleasePublished", counts: true, node: widget },
    { type: "PolicyViolation", counts: false, why: "nobody who may say PolicyViolation of acme/widget signed it" },
  ]);
});

test("the newest release is the one that says so", async () => {
  const late = jsonlEvent(jsonlContent("ReleasePublished", widget, "0.9.9", "2026-02-01T00:00:00Z"), widget);
  const judge = await judgeOf(jsonlNetwork({ events: [late, jsonlRelease()] }));
  expect(await judge.newest(widget)).toBe("0.9.9");
  expect(await judge.newest("audit/one")).toBeUndefined();
  await expect(judge.judge(widget, "3.0.0")).rejects.toMatchObject({ code: "EVENT_NOT_FOUND" });
});
