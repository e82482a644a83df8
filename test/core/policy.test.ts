import { describe, expect, test } from "vitest";
import { eventTypes, nodeKinds } from "../../src/core/event-types.ts";
import { defaultPolicy, mayEmit, maySpeakOfOthers, parsePolicy } from "../../src/core/policy.ts";

test("monthly dialect: each type has the one kind that the table names, and a node speaks for itself", () => {
  const emitters = eventTypes.map((type) => [
    type,
    nodeKinds
      .filter((kind) => mayEmit({ dialect: "monthly", type, nodeId: "a/b" }, { id: "a/b", kind }, defaultPolicy))
      .join(),
  ]);
  expect(Object.fromEntries(emitters)).toEqual({
    ReleasePublished: "compute",
    InterfaceUpdated: "compute",
    AttestationPublished: "attestor",
    BreakingChangeDetected: "policy",
    PolicyViolation: "policy",
    HealthCheckFailed: "oracle",
    DependencyVulnFound: "oracle",
  });
  const event = { dialect: "monthly", type: "ReleasePublished", nodeId: "a/b" } as const;
  expect(mayEmit(event, { id: "a/c", kind: "compute" }, defaultPolicy)).toBe(false);
});

describe("jsonl dialect, without a policy", () => {
  const event = (type: "ReleasePublished" | "AttestationPublished" | "PolicyViolation" | "KeyRotation", repo = "a/b") =>
    ({ dialect: "jsonl", type, repo }) as const;
  test.for([
    {
      name: "a node releases its own repository, whatever its kind",
      event: event("ReleasePublished"),
      id: "a/b",
      kind: "registry",
      may: true,
    },
    { name: "and no other", event: event("ReleasePublished"), id: "a/c", kind: "compute", may: false },
    {
      name: "an attestor attests others",
      event: event("AttestationPublished"),
      id: "x/y",
      kind: "attestor",
      may: true,
    },
    { name: "so does a registry", event: event("AttestationPublished"), id: "x/y", kind: "registry", may: true },
    {
      name: "a compute node does not, not even itself",
      event: event("AttestationPublished"),
      id: "a/b",
      kind: "compute",
      may: false,
    },
    { name: "a policy node reports violations", event: event("PolicyViolation"), id: "x/y", kind: "policy", may: true },
    { name: "an attestor does not", event: event("PolicyViolation"), id: "x/y", kind: "attestor", may: false },
    { name: "a node rotates its own keys", event: event("KeyRotation"), id: "a/b", kind: "oracle", may: true },
    { name: "a policy node rotates others'", event: event("KeyRotation"), id: "x/y", kind: "policy", may: true },
    { name: "an attestor does not", event: event("KeyRotation"), id: "x/y", kind: "attestor", may: false },
  ] as const)("$name", ({ event, id, kind, may }) => {
    expect(mayEmit(event, { id, kind }, defaultPolicy)).toBe(may);
  });
});

describe("a policy file", () => {
  const [one, two] = [{ id: "a/one", kind: "attestor" } as const, { id: "a/two", kind: "policy" } as const];
  test.for([
    {
      name: "lists attestors, who also report violations where nobody else is listed",
      policy: { trustedAttestors: ["a/one", "a/two"] },
      attests: [true, false],
      reports: [false, true],
    },
    {
      name: "lists who reports violations",
      policy: { trustedAttestors: ["a/one"], trustedPolicy: [] },
      attests: [true, false],
      reports: [false, false],
    },
    {
      name: "maps kinds",
      policy: { trustedAttestors: ["a/one", "a/two"], nodeKinds: { policy: { canSign: ["AttestationPublished"] } } },
      attests: [false, true],
      reports: [false, false],
    },
    {
      name: "maps kinds to nothing",
      policy: { trustedAttestors: ["a/one", "a/two"], nodeKinds: {} },
      attests: [false, false],
      reports: [false, false],
    },
  ])("$name", ({ policy, attests, reports }) => {
    const parsed = parsePolicy(policy);
    expect([one, two].map((node) => maySpeakOfOthers("AttestationPublished", node, parsed))).toEqual(attests);
    expect([one, two].map((node) => maySpeakOfOthers("PolicyViolation", node, parsed))).toEqual(reports);
  });

  test.for([
    { name: "no object", policy: [] },
    { name: "no attestors", policy: {} },
    { name: "attestors that are no node ids", policy: { trustedAttestors: ["../x"] } },
    { name: "a kind that is no object", policy: { trustedAttestors: [], nodeKinds: { policy: [] } } },
    { name: "a kind without canSign", policy: { trustedAttestors: [], nodeKinds: { policy: {} } } },
  ])("refuses $name", ({ policy }) => {
    expect(() => parsePolicy(policy)).toThrowError(expect.objectContaining({ code: "POLICY_MALFORMED" }));
  });
});
