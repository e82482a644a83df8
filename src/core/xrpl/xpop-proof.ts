import { equalBytes, fromHex, toHex } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { fieldsOf } from "../fields.ts";
import type { Hash } from "../hash.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { zeroHash } from "./hash.ts";
import { innerHash, nibbleAt, type PathLevels, pathLevels, type TreePath } from "./shamap.ts";

/**
 * The way to a transaction in either form of an XPOP's proof: nested lists of 16, or the whole tree as objects
 * `{hash, key, children}`. The hashes that a tree states of its inner nodes are not looked at: they are computed.
 *
 * @param proof - untrusted
 * @param key - id of the transaction; its nibbles say where its leaf must be
 * @throws SettlementError `XRPL_TREE_PATH_MALFORMED` when it is of neither form, deeper than 64 levels or too large,
 *   `XRPL_TREE_PATH_MISMATCH` when a tree has another leaf or none in that place
 */
export function proofLevels(proof: JsonValue, key: Hash): PathLevels {
  return isJsonObject(proof) ? treeLevels(proof, key) : pathLevels(proof, key);
}

/** List form of XLS-41 in full: 16 entries a level, upper-case hex. */
export function levelsJson(levels: PathLevels): TreePath {
  return levels.reduceRight<TreePath>(
    (below, level) => level.map((entry) => (entry ? toHex(entry).toUpperCase() : below)),
    [],
  );
}

const maxDepth = 64;
/** A ledger holds some hundred transactions; a tree of these takes more text than an XPOP may have. */
const maxNodes = 50_000;

interface Walk {
  readonly key: Hash;
  /** An object in memory can be its own child, which a file cannot; so nodes are counted. */
  nodesLeft: number;
}

interface TreeNode {
  readonly hash: Hash;
  readonly key: Hash;
  /** By nibble; empty for a leaf. */
  readonly children: ReadonlyMap<number, JsonValue>;
}

function treeLevels(root: JsonObject, key: Hash): PathLevels {
  const walk: Walk = { key, nodesLeft: maxNodes };
  const levels: (Hash | undefined)[][] = [];
  let node = readNode(root, walk, 0);
  for (;;) {
    const depth = levels.length;
    const own = nibbleAt(key, depth);
    const onWay = childNode(node, own, walk, depth + 1);
    if (!onWay)
      throw new SettlementError("XRPL_TREE_PATH_MISMATCH", "the tree has no leaf at this transaction's place");
    const isLeaf = onWay.children.size === 0;
    const hashes = Array.from({ length: 16 }, (_, nibble): Hash | undefined => {
      if (nibble === own) return isLeaf ? onWay.hash : undefined;
      const child = childNode(node, nibble, walk, depth + 1);
      return child ? subtreeHash(child, walk, depth + 1) : zeroHash;
    });
    levels.push(hashes);
    if (!isLeaf) node = onWay;
    else if (equalBytes(onWay.key, key)) return levels;
    else throw new SettlementError("XRPL_TREE_PATH_MISMATCH", "the tree has another leaf at this transaction's place");
  }
}

function childNode(node: TreeNode, nibble: number, walk: Walk, depth: number): TreeNode | undefined {
  const child = node.children.get(nibble);
  return child === undefined ? undefined : readNode(child, walk, depth);
}

/** A leaf's hash is taken as it stands, as a list's entries are; an inner node's is computed. */
function subtreeHash(node: TreeNode, walk: Walk, depth: number): Hash {
  if (node.children.size === 0) return node.hash;
  return innerHash(
    Array.from({ length: 16 }, (_, nibble) => {
      const child = childNode(node, nibble, walk, depth + 1);
      return child ? subtreeHash(child, walk, depth + 1) : zeroHash;
    }),
  );
}

function readNode(value: JsonValue, walk: Walk, depth: number): TreeNode {
  const fields = fieldsOf("XRPL_TREE_PATH_MALFORMED", `tree at level ${depth}`, value);
  if (walk.nodesLeft-- === 0) fields.fail(`it has more than ${maxNodes} nodes`);
  fields.only("hash", "key", "children");
  const children = new Map<number, JsonValue>();
  for (const [name, child] of Object.entries(fields.reader("children").object)) {
    const nibble = /^[0-9a-fA-F]$/.test(name) ? Number.parseInt(name, 16) : 16;
    if (nibble > 15 || children.has(nibble))
      fields.fail(`child ${JSON.stringify(name.slice(0, 8))} is no nibble of its own`);
    children.set(nibble, child);
  }
  if (depth === 0 && children.size === 0) fields.fail("the root has no children");
  if (depth === maxDepth && children.size > 0) fields.fail("it is deeper than the 64 nibbles of a key");
  return { hash: fromHex(fields.hex("hash", 32)), key: fromHex(fields.hex("key", 32)), children };
}
