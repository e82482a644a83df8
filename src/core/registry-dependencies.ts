import type { NodeId } from "./node-id.ts";
import type { NodeManifest } from "./node-manifest.ts";
import { inFolderOrder, registryCapabilities } from "./registry.ts";

/** One node and, of each capability that it consumes, who provides it. */
export interface Dependent {
  readonly id: NodeId;
  readonly kind: string;
  readonly consumes: readonly { readonly capability: string; readonly providers: readonly NodeId[] }[];
}

export type DependencyWarning =
  /** A capability is consumed and nobody provides it. */
  | {
      readonly type: "unmet.dependency";
      readonly node: NodeId;
      readonly capability: string;
      readonly detail: string;
    }
  /** Nodes provide exactly the same. */
  | {
      readonly type: "role.redundancy";
      readonly nodes: readonly NodeId[];
      readonly capabilities: readonly string[];
      readonly detail: string;
    };

/** `registry/dependencies.json`: who consumes what of whom, and what does not fit together. */
export interface Dependencies {
  readonly graph: readonly Dependent[];
  readonly warnings: readonly DependencyWarning[];
  readonly stats: {
    readonly totalNodes: number;
    readonly totalCapabilities: number;
    readonly unmetDependencies: number;
    readonly roleRedundancies: number;
  };
}

/** The dependency index of a network, nodes in folder order. */
export function registryDependencies(nodes: readonly NodeManifest[]): Dependencies {
  const inOrder = inFolderOrder(nodes);
  const capabilities = registryCapabilities(inOrder);
  const providersOf = (capability: string): readonly NodeId[] =>
    Object.hasOwn(capabilities, capability) ? (capabilities[capability] ?? []) : [];
  const graph = inOrder.map(({ id, kind, consumes }) => ({
    id,
    kind,
    consumes: consumes.map((capability) => ({ capability, providers: providersOf(capability) })),
  }));
  const unmet = graph.flatMap(({ id, consumes }) =>
    consumes
      .filter(({ providers }) => providers.length === 0)
      .map(({ capability }) => ({
        type: "unmet.dependency" as const,
        node: id,
        capability,
        detail: `${id} consumes "${capability}" but no node provides it`,
      })),
  );
  const redundant = redundancies(inOrder);
  return {
    graph,
    warnings: [...unmet, ...redundant],
    stats: {
      totalNodes: inOrder.length,
      totalCapabilities: Object.keys(capabilities).length,
      unmetDependencies: unmet.length,
      roleRedundancies: redundant.length,
    },
  };
}

function redundancies(nodes: readonly NodeManifest[]): DependencyWarning[] {
  const offering = nodes.filter(({ provides }) => provides.length > 0);
  const groups = Map.groupBy(offering, ({ provides }) => JSON.stringify(provides.toSorted()));
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => {
      const ids = group.map(({ id }) => id);
      return {
        type: "role.redundancy",
        nodes: ids,
        capabilities: group[0]?.provides.toSorted() ?? [],
        detail: `Nodes ${ids.join(", ")} provide identical capability sets`,
      };
    });
}
