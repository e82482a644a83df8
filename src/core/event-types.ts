/** Roles a node can declare. */
export const nodeKinds = [
  "registry",
  "attestor",
  "policy",
  "oracle",
  "compute",
  "settlement",
  "governance",
  "identity",
] as const;

export type NodeKind = (typeof nodeKinds)[number];

/**
 * Types of event of the monthly dialect. No name is a prefix of another, which keeps the preimage of
 * an event id unambiguous.
 */
export const eventTypes = [
  "ReleasePublished",
  "AttestationPublished",
  "BreakingChangeDetected",
  "HealthCheckFailed",
  "DependencyVulnFound",
  "InterfaceUpdated",
  "PolicyViolation",
] as const;

export type EventType = (typeof eventTypes)[number];

/** Types of the jsonl dialect: those of the monthly one and the two that speak of keys. */
export const jsonlEventTypes = [...eventTypes, "KeyRotation", "KeyRevocation"] as const;

export type JsonlEventType = (typeof jsonlEventTypes)[number];

/** Monthly dialect: the kind of node that may emit each type. */
export const emitterOf: Readonly<Record<EventType, NodeKind>> = {
  ReleasePublished: "compute",
  InterfaceUpdated: "compute",
  AttestationPublished: "attestor",
  BreakingChangeDetected: "policy",
  PolicyViolation: "policy",
  HealthCheckFailed: "oracle",
  DependencyVulnFound: "oracle",
};

export function isEventType(value: unknown): value is EventType {
  return eventTypes.some((type) => type === value);
}
