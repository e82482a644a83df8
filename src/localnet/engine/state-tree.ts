import { type Hash } from "../../core/hash.ts";
import { zeroHash } from "../../core/xrpl/hash.ts";
import { innerHash, stateLeaf } from "../../core/xrpl/shamap.ts";
import { bytesOf } from "./hex.ts";

interface Leaf {
  readonly key: string;
  readonly data: Uint8Array;
  hash?: Hash;
}

interface Inner {
  readonly children: readonly (Node | undefined)[];
  hash?: Hash;
}

type Node = Leaf | Inner;

/**
 * The state of one ledger: an immutable 16-way radix tree of serialised entries by 64-digit upper-case hex key.
 *
 * A changed tree shares every branch it did not change with the one it came from, hashes included, so keeping many
 * ledgers costs what differs between them.
 */
export interface StateTree {
  get(key: string): Uint8Array | undefined;
  /** The tree with this entry put in or, without data, taken out. */
  with(key: string, data: Uint8Array | undefined): StateTree;
  /** In order of keys. */
  entries(): Iterable<readonly [key: string, data: Uint8Array]>;
  rootHash(): Hash;
}

export const emptyTree: StateTree = treeOf(undefined);

function treeOf(root: Inner | undefined): StateTree {
  return {
    get: (key) => leafAt(root, key)?.data,
    with(key, data) {
      const changed = data ? insert(root, { key, data }, 0) : remove(root, key, 0);
      return treeOf(changed === undefined ? undefined : asInner(changed));
    },
    entries: () => leavesOf(root),
    rootHash: () => (root ? hashOf(root) : zeroHash),
  };
}

function isLeaf(node: Node): node is Leaf {
  return "data" in node;
}

function nibble(key: string, depth: number): number {
  return Number.parseInt(key.charAt(depth), 16);
}

/** The root is an inner node even over a single leaf. */
function asInner(node: Node): Inner {
  return isLeaf(node) ? withChild(undefined, nibble(node.key, 0), node) : node;
}

function withChild(node: Inner | undefined, at: number, child: Node | undefined): Inner {
  const children = node ? [...node.children] : Array.from<Node | undefined>({ length: 16 });
  children[at] = child;
  return { children };
}

function leafAt(root: Inner | undefined, key: string): Leaf | undefined {
  let node: Node | undefined = root;
  for (let depth = 0; node && !isLeaf(node); depth++) node = node.children[nibble(key, depth)];
  return node?.key === key ? node : undefined;
}

function insert(node: Node | undefined, leaf: Leaf, depth: number): Node {
  if (!node) return leaf;
  if (isLeaf(node)) {
    if (node.key === leaf.key) return leaf;
    return insert(withChild(undefined, nibble(node.key, depth), node), leaf, depth);
  }
  const at = nibble(leaf.key, depth);
  return withChild(node, at, insert(node.children[at], leaf, depth + 1));
}

/** A branch left with one leaf becomes that leaf: every leaf sits at the shallowest depth where it is alone. */
function remove(node: Node | undefined, key: string, depth: number): Node | undefined {
  if (!node) return undefined;
  if (isLeaf(node)) return node.key === key ? undefined : node;
  const at = nibble(key, depth);
  const child = node.children[at];
  const left = remove(child, key, depth + 1);
  if (left === child) return node;
  const changed = withChild(node, at, left);
  const [only, second] = changed.children.filter((entry) => entry !== undefined);
  if (!only) return undefined;
  return second === undefined && isLeaf(only) ? only : changed;
}

function* leavesOf(node: Node | undefined): Iterable<readonly [string, Uint8Array]> {
  if (!node) return;
  if (isLeaf(node)) yield [node.key, node.data];
  else for (const child of node.children) yield* leavesOf(child);
}

function hashOf(node: Node): Hash {
  node.hash ??= isLeaf(node)
    ? stateLeaf(node.data, bytesOf(node.key))
    : innerHash(node.children.map((child) => (child ? hashOf(child) : zeroHash)));
  return node.hash;
}
