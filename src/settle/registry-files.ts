import { fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { parseJson } from "../core/json.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import { registryDependencies } from "../core/registry-dependencies.ts";
import { firstDifference, registryCapabilities, registryNodes, registryText } from "../core/registry.ts";
import type { FileTree } from "../ports.ts";

export interface RegistryFile {
  readonly name: "nodes.json" | "capabilities.json" | "dependencies.json";
  readonly value: unknown;
  /** The one text that the manifests lead to. */
  readonly text: string;
}

/** The registry of a network, file by file. */
export function registryFiles(nodes: readonly NodeManifest[]): readonly RegistryFile[] {
  const file = (name: RegistryFile["name"], value: unknown): RegistryFile => ({
    name,
    value,
    text: registryText(value),
  });
  return [
    file("nodes.json", registryNodes(nodes)),
    file("capabilities.json", registryCapabilities(nodes)),
    file("dependencies.json", registryDependencies(nodes)),
  ];
}

/**
 * How the published registry differs from the derived one, each file at most once; a network need not publish
 * dependencies.
 *
 * @param folder - of the registry, in the tree
 */
export async function differencesOf(
  files: readonly RegistryFile[],
  tree: FileTree,
  folder: string,
): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async ({ name, text }) => {
      const path = `${folder}/${name}`;
      const bytes = await tree.read(path);
      if (!bytes) return name === "dependencies.json" ? [] : [`${path} is missing`];
      const difference = differenceOf(bytes, text);
      return difference === undefined ? [] : [`${path} ${difference}`];
    }),
  );
  return found.flat();
}

function differenceOf(bytes: Uint8Array, text: string): string | undefined {
  try {
    if (fromUtf8(bytes) === text) return undefined;
    const at = firstDifference(parseJson(bytes), parseJson(utf8(text)));
    return at === undefined ? "says the same in another order or formatting" : `differs at ${at}`;
  } catch (error) {
    if (error instanceof SettlementError) return `cannot be read: ${error.message}`;
    throw error;
  }
}
