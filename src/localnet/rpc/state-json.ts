import { type StateView } from "../engine.ts";
import { entryKey } from "./entry-keys.ts";
import { type JsonObject } from "./json.ts";
import { decodeObject } from "./transaction-json.ts";

/** A ledger entry as JSON, its key beside its fields; `undefined` where there is none. */
export function entryJson(state: StateView, key: string): JsonObject | undefined {
  const data = state.entry(key);
  return data && { ...decodeObject(data), index: key };
}

/** Keys of what an account owns, page after page of its directory. */
export function* ownedKeys(state: StateView, accountId: Uint8Array): Generator<string> {
  const root = entryKey.ownerDirectory(accountId);
  for (let page = 0n, seen = 0; seen < 10_000; seen += 1) {
    const directory = entryJson(state, entryKey.directoryPage(root, page));
    if (directory === undefined) return;
    yield* directory["Indexes"] as string[];
    page = BigInt(`0x${String(directory["IndexNext"] ?? "0")}`);
    if (page === 0n) return;
  }
}
