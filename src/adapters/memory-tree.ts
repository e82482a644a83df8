import { utf8 } from "../core/bytes.ts";
import type { TreeEntry } from "../ports.ts";
import { type BrowsableTree, listedTree } from "./browsable-tree.ts";

/** A plain file as its content alone, anything else by its kind. */
export type MemoryFile = string | Uint8Array | { readonly kind: TreeEntry["kind"]; readonly content?: string };

/** A tree made of its files, by path. */
export function memoryTree(files: Readonly<Record<string, MemoryFile>>, name = "memory"): BrowsableTree {
  const entries = new Map<string, TreeEntry>();
  const contents = new Map<string, Uint8Array>();
  for (const [path, file] of Object.entries(files)) {
    const { kind, content } =
      typeof file === "string" || file instanceof Uint8Array ? { kind: "file" as const, content: file } : file;
    entries.set(path, { path, kind });
    if (content !== undefined) contents.set(path, typeof content === "string" ? utf8(content) : content);
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      entries.set(path.slice(0, slash), { path: path.slice(0, slash), kind: "folder" });
    }
  }
  return listedTree(
    name,
    async () => [...entries.values()],
    async (path) => contents.get(path)?.slice(),
  );
}
