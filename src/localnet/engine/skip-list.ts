import { concatBytes, uintBytes } from "../../core/bytes.ts";
import { vlPrefix } from "../../core/xrpl/vl.ts";
import { bytesOf } from "./hex.ts";
import { oldHashesKey, recentHashesKey } from "./keys.ts";
import { type StateTree } from "./state-tree.ts";

/** Type LedgerHashes, flags 0, then LastLedgerSequence: every entry of this kind starts so, and the hashes follow. */
const start = bytesOf("1100682200000000201B");
const hashesField = bytesOf("0213");
const hashSize = 32;
const recentCount = 256;

/**
 * The state with the hash of the parent ledger written down: among the last 256, and for good when its index is a
 * multiple of 256 (rippled `Ledger::updateSkipList`). Done by bytes, since every ledger does it.
 */
export function withParentHash(state: StateTree, parentIndex: number, parentHash: string): StateTree {
  const hash = bytesOf(parentHash);
  const append = (tree: StateTree, key: string, limit: number): StateTree => {
    const hashes = concatBytes(hashesIn(tree.get(key)), hash);
    return tree.with(key, entryOf(parentIndex, hashes.subarray(Math.max(0, hashes.length - limit * hashSize))));
  };
  const kept =
    parentIndex % recentCount === 0 ? append(state, oldHashesKey(parentIndex), Number.POSITIVE_INFINITY) : state;
  return append(kept, recentHashesKey, recentCount);
}

function entryOf(lastIndex: number, hashes: Uint8Array): Uint8Array {
  return concatBytes(start, uintBytes(lastIndex, 4), hashesField, vlPrefix(hashes.length), hashes);
}

/** The hashes at the end of an entry that {@link entryOf} wrote. */
function hashesIn(entry: Uint8Array | undefined): Uint8Array {
  if (!entry) return new Uint8Array();
  const at = start.length + 4 + hashesField.length;
  const first = entry[at] ?? 0;
  if (first <= 192) return entry.subarray(at + 1);
  return entry.subarray(at + (first <= 240 ? 2 : 3));
}
