import { dataStart, laneSha256, mostData } from "../core/lane-sha256.ts";
import { blockBytes, type BlockHashing, hashBytes, type TreeHashing } from "../core/tree-hashing.ts";

/** Blocks that are hashed at once. */
const lanes = 4;

type HashGroups = (groups: number) => void;

interface LaneExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly leaves: HashGroups;
  readonly nodes: HashGroups;
  readonly blocks: HashGroups;
}

/** What is used of WebAssembly, which the types of Node leave out. */
interface Assembly {
  validate(code: Uint8Array): boolean;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: LaneExports };
}

/** Hashing in the lanes of vectors; undefined where the processor, or the runtime, has none. */
export function laneTreeHashing(): (TreeHashing & BlockHashing) | undefined {
  const { WebAssembly: assembly } = globalThis as { readonly WebAssembly?: Assembly };
  const code = laneSha256();
  if (!assembly?.validate(code)) return undefined;
  const { memory, leaves, nodes, blocks } = new assembly.Instance(new assembly.Module(code)).exports;
  const bytes = new Uint8Array(memory.buffer);
  const hashAll = (hashGroups: HashGroups, width: number, from: Uint8Array, to: Uint8Array): void => {
    for (let at = 0; at < from.length; at += mostData) {
      const part = from.subarray(at, at + mostData);
      const count = part.length / width;
      bytes.set(part, dataStart);
      hashGroups(Math.ceil(count / lanes));
      to.set(bytes.subarray(dataStart, dataStart + hashBytes * count), (at / width) * hashBytes);
    }
  };
  return {
    leaves: (entries, target) => hashAll(leaves, hashBytes, entries, target),
    nodes: (pairs, target) => hashAll(nodes, 2 * hashBytes, pairs, target),
    blocks: (messages, target) => hashAll(blocks, blockBytes, messages, target),
  };
}
