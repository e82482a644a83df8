import type { TreeEntry } from "../ports.ts";
import { type BrowsableTree, inPathOrder } from "./browsable-tree.ts";
import { memoryTree } from "./memory-tree.ts";

/** A tree as it would be with one more file, or with other bytes in one. */
export function withFile(tree: BrowsableTree, path: string, bytes: Uint8Array): BrowsableTree {
  const above = memoryTree({ [path]: bytes });
  const merged = (below: readonly TreeEntry[], added: readonly TreeEntry[]): readonly TreeEntry[] => {
    const names = new Set(added.map((entry) => entry.path));
    return inPathOrder([...below.filter((entry) => !names.has(entry.path)), ...added]);
  };
  return {
    name: tree.name,
    entries: async (prefix) => merged(await tree.entries(prefix), await above.entries(prefix)),
    children: async (folder) => merged(await tree.children(folder), await above.children(folder)),
    read: async (wanted) => (wanted === path ? bytes.slice() : tree.read(wanted)),
  };
}
