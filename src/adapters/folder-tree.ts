import { SettlementError } from "../core/error.ts";
import type { TreeEntry } from "../ports.ts";
import { type BrowsableTree, inPathOrder } from "./browsable-tree.ts";
import { fileFault } from "./file-faults.ts";
import { errnoOf, type FileKind, type FileSystem, nodeFileSystem } from "./file-system.ts";
import { factsOf, type Folder, isTreePath, readFile } from "./plain-file.ts";

/** The files of a folder, as they are at each call. `.git` is not part of any tree, as in git itself. */
export function folderTree(root: string, fs: FileSystem = nodeFileSystem): BrowsableTree {
  const folder: Folder = { root, fs };
  return {
    name: root,
    children: (path) => list(folder, path, false),
    entries: (prefix) => list(folder, prefix, true),
    read: async (path) => {
      if (!isTreePath(path)) return undefined;
      const kind = await kindOf(folder, path);
      return kind === "file" || kind === "executable" ? readFile(folder, path) : undefined;
    },
  };
}

/** What a path is; undefined also where a part of it is a link or no folder. */
async function kindOf(folder: Folder, path: string): Promise<FileKind | undefined> {
  try {
    return (await factsOf(folder, path))?.kind;
  } catch (error) {
    if (error instanceof SettlementError && error.code === "LEDGER_FILE_NOT_PLAIN") return undefined;
    throw error;
  }
}

async function list(folder: Folder, top: string, isDeep: boolean): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const waiting = (await isFolder(folder, top)) ? [top] : [];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const name of await namesIn(folder, path)) {
      const below = path === "" ? name : `${path}/${name}`;
      const facts = name === ".git" ? undefined : await factsOf(folder, below);
      if (!facts) continue;
      entries.push({ path: below, kind: facts.kind });
      if (isDeep && facts.kind === "folder") waiting.push(below);
    }
  }
  return inPathOrder(entries);
}

async function isFolder(folder: Folder, path: string): Promise<boolean> {
  return (path === "" || isTreePath(path)) && (await kindOf(folder, path)) === "folder";
}

async function namesIn(folder: Folder, path: string): Promise<readonly string[]> {
  try {
    return await folder.fs.names(`${folder.root}/${path}`);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error))) return [];
    throw fileFault("LEDGER_UNREADABLE", path === "" ? "the folder" : path, error);
  }
}
