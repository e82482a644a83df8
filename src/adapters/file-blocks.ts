import { open } from "node:fs/promises";
import { constants } from "node:fs";
import type { BrowsableTree } from "./browsable-tree.ts";
import { fileFault, maxFileBytes, notPlain, tooLarge } from "./file-faults.ts";
import { errnoOf } from "./file-system.ts";
import { folderTree } from "./folder-tree.ts";

const blockBytes = 262_144;

/** The files of a folder, which can also be read block by block, so that none has to be in memory as a whole. A block is good until the next. */
export function blockTree(root: string): BrowsableTree & { blocks(path: string): AsyncIterable<Uint8Array> } {
  return { ...folderTree(root), blocks: (path) => blocksOf(root, path) };
}

async function* blocksOf(root: string, path: string): AsyncGenerator<Uint8Array> {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    await using file = await open(`${root}/${path}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw notPlain(path, "other", "file");
    if (facts.size > maxFileBytes) throw tooLarge(path, facts.size);
    const block = new Uint8Array(blockBytes);
    for (;;) {
      const { bytesRead } = await file.read(block);
      if (bytesRead === 0) return;
      yield block.subarray(0, bytesRead);
    }
  } catch (error) {
    throw errnoOf(error) === "" ? error : fileFault("LEDGER_UNREADABLE", path, error);
  }
}
