import { toHex } from "../core/bytes.ts";
import { idBytes } from "../core/event.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import type { MerkleAlgorithm } from "../core/manifest.ts";
import { merkleV1Root } from "../core/merkle-v1.ts";
import { leafHash, type TreeAccumulator, treeAccumulator } from "../core/merkle.ts";

/**
 * Recomputes windows of the ledger in file order. A network may anchor one window many times, and one that grows with
 * the ledger: each root is computed once, and a longer window goes on where a shorter one from the same event ended.
 */
export interface AnchoredWindows {
  readonly size: number;
  add(id: string): void;
  /** First position of an event. */
  position(id: string): number | undefined;
  id(position: number): string | undefined;
  root(start: number, count: number, algo: MerkleAlgorithm): string;
}

export function anchoredWindows(sha256: Sha256): AnchoredWindows {
  const ids: string[] = [];
  const positions = new Map<string, number>();
  const roots = new Map<string, string>();
  const growing = new Map<number, TreeAccumulator>();
  const grownTo = (start: number, count: number): Hash => {
    const known = growing.get(start);
    const tree = known && known.size <= count ? known : treeAccumulator(sha256);
    for (const id of ids.slice(start + tree.size, start + count)) tree.append(leafHash(idBytes(id), sha256));
    growing.set(start, tree);
    return tree.root();
  };
  return {
    get size() {
      return ids.length;
    },
    add(id) {
      if (!positions.has(id)) positions.set(id, ids.length);
      ids.push(id);
    },
    position: (id) => positions.get(id),
    id: (position) => ids[position],
    root(start, count, algo) {
      const name = `${start} ${count} ${algo}`;
      const known = roots.get(name);
      if (known !== undefined) return known;
      const isOld = algo === "sha256-merkle-v1";
      const leaves = isOld ? ids.slice(start, start + count).map(idBytes) : [];
      const root = toHex(isOld ? merkleV1Root(leaves, sha256) : grownTo(start, count));
      roots.set(name, root);
      return root;
    },
  };
}
