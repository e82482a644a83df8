import { concatBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import { type Hash, type Sha256, sha256 } from "./hash.ts";
import { requireHash } from "./merkle.ts";

/**
 * Root of the older `sha256-merkle-v1` tree: a parent is SHA-256 of its two children and nothing else, the last node of
 * an odd level is paired with itself. Leaf and node look alike in it and the last leaf can be said twice, so it is
 * verified where history holds it, over all its leaves, and never written.
 *
 * @param leaves - the event ids themselves, 32 bytes each
 * @throws SettlementError `TREE_EMPTY`: this tree has no root without leaves; `HASH_MALFORMED`
 */
export function merkleV1Root(leaves: Iterable<Hash>, hash: Sha256 = sha256): Hash {
  let level = Array.from(leaves, (leaf, at) => requireHash(leaf, `leaf ${at}`));
  while (level.length > 1) {
    const below = level;
    level = [];
    for (let at = 0; at < below.length; at += 2) {
      const left = below[at] as Hash;
      level.push(hash(concatBytes(left, below[at + 1] ?? left)));
    }
  }
  const root = level[0];
  if (root === undefined) throw new SettlementError("TREE_EMPTY", "a sha256-merkle-v1 tree without leaves has no root");
  return root;
}
