import { concatBytes } from "../core/bytes.ts";
import type { StaticFiles } from "./static-files.ts";

/** Bytes of a block: what a host sends for the price of one answer. */
const blockBytes = 16_384;

/** Blocks and files that are kept, the newest ones. */
const keptBlocks = 4096;
const keptFiles = 256;

type Found = Promise<Uint8Array | undefined>;

/** Keeps what is found under a name, unless it fails. */
function keep(kept: Map<string, Found>, most: number, name: string, found: Found): Found {
  for (const oldest of kept.keys()) {
    if (kept.size < most) break;
    kept.delete(oldest);
  }
  kept.set(name, found);
  void found.catch(() => kept.delete(name));
  return found;
}

/**
 * The same files, read in aligned blocks that are fetched once: neighbours come together, whether they are asked for one
 * by one or as a stretch.
 */
export function staticBlocks(files: StaticFiles): StaticFiles {
  const blocks = new Map<string, Found>();
  const wholes = new Map<string, Found>();
  const nameOf = (path: string, block: number): string => `${path} ${block}`;
  /** Asks for a block, and with it for those behind it that are not known yet either. */
  const fetchFrom = (path: string, first: number, end: number): Found => {
    let upTo = first + 1;
    while (upTo < end && !blocks.has(nameOf(path, upTo))) upTo++;
    const run = files.part(path, first * blockBytes, (upTo - first) * blockBytes);
    const cut = async (block: number): Found => {
      const start = (block - first) * blockBytes;
      return (await run)?.slice(start, start + blockBytes);
    };
    const own = keep(blocks, keptBlocks, nameOf(path, first), cut(first));
    for (let block = first + 1; block < upTo; block++) {
      void keep(blocks, keptBlocks, nameOf(path, block), cut(block)).catch(() => undefined);
    }
    return own;
  };
  return {
    read: (path) => wholes.get(path) ?? keep(wholes, keptFiles, path, files.read(path)),
    async part(path, start, length) {
      if (length === 0) return new Uint8Array();
      const first = Math.floor(start / blockBytes);
      const end = Math.ceil((start + length) / blockBytes);
      const wanted: Found[] = [];
      for (let block = first; block < end; block++) {
        wanted.push(blocks.get(nameOf(path, block)) ?? fetchFrom(path, block, end));
      }
      const parts = await Promise.all(wanted);
      const found = parts.flatMap((part) => part ?? []);
      if (found.length < parts.length) return undefined;
      const from = start - first * blockBytes;
      return concatBytes(...found).subarray(from, from + length);
    },
  };
}
