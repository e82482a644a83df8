import { describe, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Report } from "../../src/validate/finding.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import { type Files, linesPath, nowUnixMs } from "../support/build-ledger.ts";
import { anchors, appended, attestation, forms, signers, smallFiles, times } from "./hostile-jsonl-cases.ts";

const warnings = new Set(["NODE_CONTACT_MISSING", "NODE_KEY_SHARED", "MANIFEST_PREV_UNKNOWN", "ANCHOR_NOTE_MALFORMED"]);

function validate(files: Files, options: { readonly policy?: Uint8Array } = {}): Promise<Report> {
  return validateBothWays(memoryTree(files), { nowUnixMs, verify: nodeVerify, ...options });
}

describe.for(Object.entries({ forms, signers, times, anchors }))("%s", ([, cases]) => {
  test.for([...cases])("$name: $code", async ({ alter, code, file = linesPath, line, with: others = [] }) => {
    const report = await validate(alter(smallFiles()));
    const place = line === undefined ? {} : { line };
    expect(report.findings).toContainEqual(expect.objectContaining({ code, file, ...place }));
    expect(report.findings.filter((each) => each.code !== code && !others.includes(each.code))).toEqual([]);
    expect(report.valid).toBe(report.findings.every((each) => warnings.has(each.code)));
  });
});

describe("who may say what hangs on the policy", () => {
  const by = (signer: string): Files => appended(attestation(signer))(smallFiles());
  const policy = (more: JsonObject): Uint8Array =>
    utf8(JSON.stringify({ trustedAttestors: ["audit/one", "audit/two", "net/registry"], ...more }));
  test.for([
    {
      name: "no list, kinds alone",
      files: { ...by("audit/one"), "verifier.policy.json": "" },
      given: undefined,
      codes: ["JSON_MALFORMED"],
    },
    {
      name: "given policy stands for the one beside the ledger",
      files: by("audit/one"),
      given: policy({ trustedAttestors: ["audit/two", "net/registry"] }),
      codes: ["SIGNER_NOT_PERMITTED"],
    },
    {
      name: "without trustedPolicy the attestors may report violations",
      files: by("audit/one"),
      given: policy({}),
      codes: ["SIGNER_NOT_PERMITTED"],
    },
    {
      name: "kinds as the policy maps them",
      files: by("audit/one"),
      given: policy({
        trustedPolicy: ["rules/keeper"],
        nodeKinds: { registry: { canSign: ["AttestationPublished"] }, policy: { canSign: ["PolicyViolation"] } },
      }),
      codes: ["SIGNER_NOT_PERMITTED"],
    },
    {
      name: "compute nodes may attest where the policy says so",
      files: by("acme/widget"),
      given: policy({
        trustedAttestors: ["acme/widget", "audit/one", "audit/two", "net/registry"],
        trustedPolicy: ["rules/keeper"],
        nodeKinds: {
          compute: { canSign: ["AttestationPublished"] },
          attestor: { canSign: ["AttestationPublished"] },
          registry: { canSign: ["AttestationPublished"] },
          policy: { canSign: ["PolicyViolation"] },
        },
      }),
      codes: [],
    },
  ])("$name", async ({ files, given, codes }) => {
    const report = await validate(files, given ? { policy: given } : {});
    expect([...new Set(report.findings.map(({ code }) => code))]).toEqual(codes);
  });
});
