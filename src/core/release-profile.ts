import { fieldsOf, type FieldReader } from "./fields.ts";
import type { JsonValue } from "./json.ts";
import { readWeights, type Weights } from "./release-policy.ts";

/** What a class of repositories has to show of a release. */
export interface Profile {
  readonly id: string;
  /** Checks of its authenticity: {@link ownChecks}, and others that an attestor must have passed. */
  readonly integrity: readonly string[];
  /** Checks of its safety, each of which an attestor must have passed. */
  readonly assurance: readonly string[];
  /** What results are worth, where the profile says it. */
  readonly weights: ReadonlyMap<string, Weights>;
}

/** Integrity checks that the ledger itself answers, without an attestor. */
export const ownChecks = ["signed", "hasArtifacts", "noPolicyViolations"] as const;

const gated = ["sbom.present", "provenance.present", "signature.chain"] as const;

const regulatedWeights: ReadonlyMap<string, Weights> = new Map([
  ["license.audit", { pass: 30, warn: 10, fail: 0 }],
  ["security.scan", { pass: 40, warn: 10, fail: 0 }],
  ["repro.build", { pass: 30, warn: 10, fail: 0 }],
]);

/** The profiles that every network has; a file of the network of the same name takes their place. */
export const knownProfiles: ReadonlyMap<string, Profile> = new Map(
  [
    { id: "baseline", integrity: [...ownChecks, "signature.chain"], assurance: [], weights: new Map() },
    {
      id: "open-source",
      integrity: [...ownChecks, ...gated],
      assurance: ["license.audit", "security.scan"],
      weights: new Map(),
    },
    {
      id: "regulated",
      integrity: [...ownChecks, ...gated],
      assurance: ["license.audit", "security.scan", "repro.build"],
      weights: regulatedWeights,
    },
  ].map((profile) => [profile.id, profile]),
);

/** A name that a profile may have, and so a file of a network. */
export function isProfileName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
}

function readChecks(fields: FieldReader, name: string): string[] {
  return fields.list(name, 1000).filter((check) => typeof check === "string");
}

function readAllWeights(fields: FieldReader): ReadonlyMap<string, Weights> {
  if (!fields.has("scoring") || !fields.reader("scoring").has("assuranceWeights")) return new Map();
  const weights = fields.reader("scoring").reader("assuranceWeights");
  return new Map(Object.keys(weights.object).map((check) => [check, readWeights(weights.reader(check))]));
}

/** A file of `profiles/`. @throws SettlementError `POLICY_MALFORMED` */
export function parseProfile(value: JsonValue): Profile {
  const fields = fieldsOf("POLICY_MALFORMED", "profile", value);
  const required = fields.reader("requiredChecks");
  return {
    id: fields.text("id", 64),
    integrity: readChecks(required, "integrity"),
    assurance: readChecks(required, "assurance"),
    weights: readAllWeights(fields),
  };
}

/** The profile that a node chose in its `repomesh.profile.json`. @throws SettlementError `POLICY_MALFORMED` */
export function parseProfileChoice(value: JsonValue): string {
  return fieldsOf("POLICY_MALFORMED", "profile choice", value).text("profileId", 64);
}

/** Weights of a node's `repomesh.overrides.json`. @throws SettlementError `POLICY_MALFORMED` */
export function parseOverrides(value: JsonValue): ReadonlyMap<string, Weights> {
  return readAllWeights(fieldsOf("POLICY_MALFORMED", "overrides", value));
}
