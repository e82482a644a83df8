import { toHex } from "./bytes.ts";
import { idBytes } from "./event.ts";
import type { Hash, Sha256 } from "./hash.ts";
import type { MerkleAlgorithm } from "./manifest.ts";
import { merkleV1Root } from "./merkle-v1.ts";
import { leafHash, type TreeAccumulator, treeAccumulator } from "./merkle.ts";

/** The events of a ledger in file order. */
interface EventOrder {
  readonly size: number;
  /** First position of an event. */
  position(id: string): number | undefined;
  id(position: number): string | undefined;
}

/**
 * Recomputes windows of the ledger in file order. A network may anchor one window many times, and one that grows with
 * the ledger: each root is computed once, and a longer window goes on where a shorter one from the same event ended.
 */
export interface AnchoredWindows extends EventOrder {
  root(start: number, count: number, algo: MerkleAlgorithm): string;
}

export function anchoredWindows(order: EventOrder, sha256: Sha256): AnchoredWindows {
  const roots = new Map<string, string>();
  const growing = new Map<number, TreeAccumulator>();
  const entriesOf = (from: number, to: number): Uint8Array[] =>
    Array.from({ length: Math.max(0, Math.min(to, order.size) - from) }, (_, at) => idBytes(order.id(from + at) ?? ""));
  const grownTo = (start: number, count: number): Hash => {
    const known = growing.get(start);
    const tree = known && known.size <= count ? known : treeAccumulator(sha256);
    for (const entry of entriesOf(start + tree.size, start + count)) tree.append(leafHash(entry, sha256));
    growing.set(start, tree);
    return tree.root();
  };
  return {
    get size() {
      return order.size;
    },
    position: (id) => order.position(id),
    id: (position) => order.id(position),
    root(start, count, algo) {
      const name = `${start} ${count} ${algo}`;
      const known = roots.get(name);
      if (known !== undefined) return known;
      const isOld = algo === "sha256-merkle-v1";
      const root = toHex(isOld ? merkleV1Root(entriesOf(start, start + count), sha256) : grownTo(start, count));
      roots.set(name, root);
      return root;
    },
  };
}

/** Windows of events that are added one by one. */
export function rememberedWindows(sha256: Sha256): AnchoredWindows & { add(id: string): void } {
  const ids: string[] = [];
  const positions = new Map<string, number>();
  const order: EventOrder = {
    get size() {
      return ids.length;
    },
    position: (id) => positions.get(id),
    id: (position) => ids[position],
  };
  const windows = anchoredWindows(order, sha256);
  return {
    ...windows,
    get size() {
      return ids.length;
    },
    add(id) {
      if (!positions.has(id)) positions.set(id, ids.length);
      ids.push(id);
    },
  };
}
