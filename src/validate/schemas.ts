import common from "../../schemas/common.schema.json" with { type: "json" };
import eventJsonl from "../../schemas/event-jsonl.schema.json" with { type: "json" };
import event from "../../schemas/event.schema.json" with { type: "json" };
import attestationPublished from "../../schemas/events/AttestationPublished.json" with { type: "json" };
import breakingChangeDetected from "../../schemas/events/BreakingChangeDetected.json" with { type: "json" };
import dependencyVulnFound from "../../schemas/events/DependencyVulnFound.json" with { type: "json" };
import healthCheckFailed from "../../schemas/events/HealthCheckFailed.json" with { type: "json" };
import interfaceUpdated from "../../schemas/events/InterfaceUpdated.json" with { type: "json" };
import policyViolation from "../../schemas/events/PolicyViolation.json" with { type: "json" };
import releasePublished from "../../schemas/events/ReleasePublished.json" with { type: "json" };
import evidence from "../../schemas/evidence.schema.json" with { type: "json" };
import manifest from "../../schemas/manifest.schema.json" with { type: "json" };
import node from "../../schemas/node.schema.json" with { type: "json" };
import nodes from "../../schemas/nodes.schema.json" with { type: "json" };
import settlement from "../../schemas/settlement.schema.json" with { type: "json" };
import trust from "../../schemas/trust.schema.json" with { type: "json" };

/** What the other schemas share. */
export { common };

/** Every published schema by its short name; those of payloads by the type of event. */
export const schemas = {
  event,
  eventJsonl,
  node,
  nodes,
  settlement,
  manifest,
  evidence,
  trust,
  ReleasePublished: releasePublished,
  AttestationPublished: attestationPublished,
  BreakingChangeDetected: breakingChangeDetected,
  HealthCheckFailed: healthCheckFailed,
  DependencyVulnFound: dependencyVulnFound,
  InterfaceUpdated: interfaceUpdated,
  PolicyViolation: policyViolation,
} as const;

export type SchemaName = keyof typeof schemas;
