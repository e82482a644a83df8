import { utf8 } from "../core/bytes.ts";
import type { TreeEntry } from "../ports.ts";
import { type BrowsableTree, listedTree } from "./browsable-tree.ts";

/** A tree made of its files; what is given as a kind has that name and no content. */
export function memoryTree(
  files: Readonly<Record<string, string | Uint8Array | { readonly kind: TreeEntry["kind"] }>>,
  name = "memory",
): BrowsableTree {
  const entries = new Map<string, TreeEntry>();
  for (const [path, content] of Object.entries(files)) {
    const isContent = typeof content === "string" || content instanceof Uint8Array;
    entries.set(path, { path, kind: isContent ? "file" : content.kind });
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      entries.set(path.slice(0, slash), { path: path.slice(0, slash), kind: "folder" });
    }
  }
  return listedTree(
    name,
    () => Promise.resolve([...entries.values()]),
    (path) => {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (typeof content === "string") return Promise.resolve(utf8(content));
      return Promise.resolve(content instanceof Uint8Array ? content : undefined);
    },
  );
}
