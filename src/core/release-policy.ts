import { fieldsOf, type FieldReader } from "./fields.ts";
import type { JsonValue } from "./json.ts";
import type { NodeId } from "./node-id.ts";

export const conflictPolicies = ["fail-wins", "majority", "quorum-pass"] as const;

/** What the results of a check are worth, points. */
export type Weights = Readonly<Record<"pass" | "warn" | "fail", number>>;

/** How a network weighs what its attestors say of one check. */
export interface CheckPolicy {
  /** Whose word counts; undefined where every attestor's does. */
  readonly trustedNodes?: ReadonlySet<NodeId>;
  readonly quorum: number;
  readonly conflictPolicy: (typeof conflictPolicies)[number];
}

const maxWeight = 1000;

/** @throws SettlementError with the code of `fields` */
export function readWeights(fields: FieldReader): Weights {
  const of = (name: keyof Weights): number => (fields.has(name) ? fields.count(name, maxWeight) : 0);
  return { pass: of("pass"), warn: of("warn"), fail: of("fail") };
}

function readCheck(fields: FieldReader): CheckPolicy {
  const nodes = fields.has("trustedNodes") ? fields.list("trustedNodes", 100_000) : [];
  const ids = nodes.filter((id) => typeof id === "string");
  const isAsked = fields.has("mode") && fields.text("mode", 60) === "trusted-set" && ids.length > 0;
  return {
    ...(isAsked ? { trustedNodes: new Set(ids) } : {}),
    quorum: fields.has("quorum") ? fields.count("quorum", 100_000) : 1,
    conflictPolicy: fields.has("conflictPolicy") ? fields.oneOf("conflictPolicy", conflictPolicies) : "fail-wins",
  };
}

/**
 * The part of `verifier.policy.json` that says how checks are weighed; who may sign what is read by `parsePolicy`.
 *
 * @throws SettlementError `POLICY_MALFORMED`
 */
export function parseCheckPolicies(value: JsonValue): ReadonlyMap<string, CheckPolicy> {
  const fields = fieldsOf("POLICY_MALFORMED", "verifier policy", value);
  if (!fields.has("checks")) return new Map();
  const checks = fields.reader("checks");
  return new Map(Object.keys(checks.object).map((check) => [check, readCheck(checks.reader(check))]));
}
