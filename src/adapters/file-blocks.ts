import { open } from "node:fs/promises";
import { constants } from "node:fs";
import type { FileTree } from "../ports.ts";
import type { BrowsableTree } from "./browsable-tree.ts";
import { fileFault, notPlain } from "./file-faults.ts";
import { errnoOf } from "./file-system.ts";
import { folderTags, statOf, statText } from "./file-tags.ts";
import { folderTree } from "./folder-tree.ts";

const blockBytes = 262_144;

/** Files that can also be read block by block, so that none has to be in memory as a whole. A block is good until the next. */
interface BlockTree extends BrowsableTree {
  readonly tags: NonNullable<FileTree["tags"]>;
  blocks(path: string, from?: number): AsyncIterable<Uint8Array>;
}

/** The files of a folder. */
export function blockTree(root: string): BlockTree {
  const tree = folderTree(root);
  const listed = new Map<string, string>();
  const textOf = (path: string): string | undefined => {
    const facts = statOf(`${root}/${path}`);
    return facts && statText(facts);
  };
  return {
    ...tree,
    async entries(prefix) {
      const entries = await tree.entries(prefix);
      for (const { path } of entries) listed.set(path, textOf(path) ?? "");
      return entries;
    },
    blocks: (path, from = 0) => blocksOf(root, path, from),
    async tags(paths) {
      const tags = await folderTags(root, paths);
      return new Map([...tags].filter(([path]) => textOf(path) === listed.get(path)));
    },
  };
}

async function* blocksOf(root: string, path: string, from: number): AsyncGenerator<Uint8Array> {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    await using file = await open(`${root}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw notPlain(path, "other", "file");
    const block = new Uint8Array(blockBytes);
    for (let at = from; ;) {
      const { bytesRead } = await file.read(block, 0, block.length, at);
      if (bytesRead === 0) return;
      yield block.subarray(0, bytesRead);
      at += bytesRead;
    }
  } catch (error) {
    throw errnoOf(error) === "" ? error : fileFault("LEDGER_UNREADABLE", path, error);
  }
}
