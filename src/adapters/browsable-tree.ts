import type { FileTree, TreeEntry } from "../ports.ts";

/** A tree that can also list one folder without what lies deeper. */
export interface BrowsableTree extends FileTree {
  /** What lies directly in a folder (`""` for the root), sorted by path; empty when there is no such folder. */
  children(folder: string): Promise<readonly TreeEntry[]>;
}

/** Entries in the order of the port: by path, as UTF-16 texts compare. */
export function inPathOrder(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Does `path` lie below `folder`, `""` being the root? */
function isBelow(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

/** A tree whose every entry is at hand. */
export function listedTree(
  name: string,
  list: () => Promise<readonly TreeEntry[]>,
  read: (path: string) => Promise<Uint8Array | undefined>,
): BrowsableTree {
  const entries = async (prefix: string): Promise<readonly TreeEntry[]> =>
    inPathOrder((await list()).filter((entry) => isBelow(entry.path, prefix)));
  return {
    name,
    entries,
    children: async (folder) => {
      const start = folder === "" ? 0 : folder.length + 1;
      return (await entries(folder)).filter((entry) => !entry.path.includes("/", start));
    },
    read,
  };
}
