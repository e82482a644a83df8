import { emitterOf, isEventType } from "./event-types.ts";
import { fieldsOf, type FieldReader } from "./fields.ts";
import type { JsonValue } from "./json.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import { isNodeId, type NodeId } from "./node-id.ts";
import type { NodeManifest } from "./node-manifest.ts";

/** Types of the jsonl dialect that one node says of another. */
export const thirdPartyTypes = ["AttestationPublished", "PolicyViolation"] as const;

export type ThirdPartyType = (typeof thirdPartyTypes)[number];

export interface Permission {
  /** Kinds of node that may sign the type. */
  readonly kinds: readonly string[];
  /** The nodes that may; undefined where the network keeps no list. */
  readonly nodes: ReadonlySet<NodeId> | undefined;
}

/** Who may speak of other nodes in a jsonl network. The monthly dialect has its table of kinds instead. */
export type Policy = Readonly<Record<ThirdPartyType, Permission>>;

const defaultKinds: Readonly<Record<ThirdPartyType, readonly string[]>> = {
  AttestationPublished: ["attestor", "registry"],
  PolicyViolation: ["policy", "registry"],
};

/** A network without a policy file: kinds decide, no list of nodes. */
export const defaultPolicy: Policy = {
  AttestationPublished: { kinds: defaultKinds.AttestationPublished, nodes: undefined },
  PolicyViolation: { kinds: defaultKinds.PolicyViolation, nodes: undefined },
};

function nodeList(fields: FieldReader, name: string): ReadonlySet<NodeId> {
  const id = (value: JsonValue): NodeId =>
    typeof value === "string" && isNodeId(value) ? value : fields.fail(`${name} holds something other than node ids`);
  return new Set(fields.list(name, 100_000).map(id));
}

/** A map of kinds that is there and lets none sign a type means none. */
function kindsOf(fields: FieldReader): Readonly<Record<ThirdPartyType, readonly string[]>> {
  if (!fields.has("nodeKinds")) return defaultKinds;
  const kinds = fields.reader("nodeKinds");
  const signing = (type: ThirdPartyType): string[] =>
    Object.keys(kinds.object).filter((kind) => kinds.reader(kind).list("canSign", 1000).includes(type));
  return { AttestationPublished: signing("AttestationPublished"), PolicyViolation: signing("PolicyViolation") };
}

/**
 * The part of `verifier.policy.json` that says who may sign what; how checks are weighed is not read.
 *
 * @throws SettlementError `POLICY_MALFORMED`
 */
export function parsePolicy(value: JsonValue): Policy {
  const fields = fieldsOf("POLICY_MALFORMED", "verifier policy", value);
  const kinds = kindsOf(fields);
  const attestors = nodeList(fields, "trustedAttestors");
  const policies = fields.has("trustedPolicy") ? nodeList(fields, "trustedPolicy") : attestors;
  return {
    AttestationPublished: { kinds: kinds.AttestationPublished, nodes: attestors },
    PolicyViolation: { kinds: kinds.PolicyViolation, nodes: policies },
  };
}

/** May the node sign events of this type about others? */
export function maySpeakOfOthers(
  type: ThirdPartyType,
  { id, kind }: Pick<NodeManifest, "id" | "kind">,
  policy: Policy,
): boolean {
  const { kinds, nodes } = policy[type];
  return kinds.includes(kind) && (nodes === undefined || nodes.has(id));
}

function isThirdPartyType(type: string): type is ThirdPartyType {
  return thirdPartyTypes.some((known) => known === type);
}

/**
 * May this node emit this event?
 *
 * Monthly dialect: its own events, of the types of its kind. jsonl: of its own repository everything but what others have
 * to say of it; of other repositories what the policy permits, and those who may report violations also speak of keys.
 */
export function mayEmit(
  event: Pick<LedgerEvent, "dialect" | "type" | "nodeId" | "repo">,
  node: Pick<NodeManifest, "id" | "kind">,
  policy: Policy,
): boolean {
  const { type } = event;
  if (event.dialect === "monthly") {
    return event.nodeId === node.id && isEventType(type) && emitterOf[type] === node.kind;
  }
  if (isThirdPartyType(type)) return maySpeakOfOthers(type, node, policy);
  if (event.repo === node.id) return true;
  return (type === "KeyRotation" || type === "KeyRevocation") && maySpeakOfOthers("PolicyViolation", node, policy);
}
