import { isJsonObject, type JsonValue } from "./json.ts";
import { textOf } from "./json-members.ts";
import type { NodeManifest } from "./node-manifest.ts";
import type { NodeId } from "./node-id.ts";

/** A node as `registry/nodes.json` lists it: what others look for, without keys and promises. */
export interface RegistryNode {
  readonly id: NodeId;
  readonly kind: string;
  readonly description: string;
  readonly provides: readonly string[];
  readonly consumes: readonly string[];
  readonly tags: readonly string[];
  readonly homepage: string;
}

/** Capabilities with the nodes that provide them, as `registry/capabilities.json` says it. */
export type Capabilities = Readonly<Record<string, readonly NodeId[]>>;

/**
 * Nodes in the order of their folders: first by organisation, then by repository. Not the order of their ids, where
 * `a-b/c` comes before `a/c`.
 */
export function inFolderOrder<T extends Pick<NodeManifest, "id">>(nodes: readonly T[]): T[] {
  const parts = (id: NodeId): readonly string[] => id.split("/");
  return nodes.toSorted((a, b) => {
    const [[org = "", repo = ""], [otherOrg = "", otherRepo = ""]] = [parts(a.id), parts(b.id)];
    return org === otherOrg ? compareTexts(repo, otherRepo) : compareTexts(org, otherOrg);
  });
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** Every node in folder order; what a manifest leaves out is empty. */
export function registryNodes(nodes: readonly NodeManifest[]): RegistryNode[] {
  return inFolderOrder(nodes).map(({ id, kind, provides, consumes, json }) => ({
    id,
    kind,
    description: textOf(json["description"]),
    provides,
    consumes,
    tags: textsOf(json["tags"]),
    homepage: textOf(json["homepage"]),
  }));
}

/** Who provides what: capabilities in the order in which the nodes, in folder order, first name them. */
export function registryCapabilities(nodes: readonly NodeManifest[]): Capabilities {
  const providers = new Map<string, NodeId[]>();
  for (const { id, provides } of inFolderOrder(nodes)) {
    for (const capability of new Set(provides)) {
      const known = providers.get(capability) ?? [];
      providers.set(capability, known);
      known.push(id);
    }
  }
  return Object.fromEntries(providers);
}

/** A file of the registry as networks write it: two spaces, and a line feed at the end. */
export function registryText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Where two published JSON values first differ, as a path of member names; undefined where they do not. */
export function firstDifference(a: JsonValue | undefined, b: JsonValue | undefined, at = "$"): string | undefined {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const found = firstDifference(a[index] as JsonValue, b[index] as JsonValue, `${at}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    for (const name of names) {
      const found = firstDifference(a[name], b[name], `${at}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return a === b ? undefined : at;
}
