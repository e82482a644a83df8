import type { NodeKind } from "./event-types.ts";
import type { JsonObject } from "./json.ts";
import type { NodeId } from "./node-id.ts";

/** An item of `maintainers` of a node.json. */
export interface MaintainerBlock {
  readonly name: string;
  readonly keyId: string;
  readonly publicKey: string;
  readonly contact?: string;
}

export interface NewNode {
  readonly id: NodeId;
  readonly kind: NodeKind;
  readonly provides?: readonly string[] | undefined;
  readonly consumes?: readonly string[] | undefined;
  readonly maintainer: MaintainerBlock;
}

/** What a node of a kind is taken to provide, until it says it better. */
const usualCapability: Readonly<Record<NodeKind, string>> = {
  registry: "network.registry.v1",
  attestor: "release.attestation.v1",
  policy: "release.policy.v1",
  oracle: "network.observation.v1",
  compute: "release.artifacts.v1",
  settlement: "ledger.anchor.v1",
  governance: "network.governance.v1",
  identity: "network.identity.v1",
};

/** A manifest for a new node. It promises what its workflow does, signed releases, and nothing that only its owner knows. */
export function newNode({ id, kind, provides, consumes, maintainer }: NewNode): JsonObject {
  const block: JsonObject = { ...maintainer };
  return {
    id,
    kind,
    provides: provides ?? [usualCapability[kind]],
    consumes: consumes ?? [],
    interfaces: [
      { name: "repomesh-events", version: "v1", schemaPath: "./schemas/event.schema.json", stability: "experimental" },
    ],
    invariants: { deterministicBuild: false, signedReleases: true, semver: false, changelog: false },
    maintainers: [block],
  };
}
