import { type StateView } from "../engine.ts";
import { directoryPageKey, ownerDirectoryKey } from "../engine/keys.ts";
import { type JsonObject } from "./json.ts";
import { decodeObject } from "./transaction-json.ts";

/** A ledger entry as JSON, its key beside its fields; `undefined` where there is none. */
export function entryJson(state: StateView, key: string): JsonObject | undefined {
  const data = state.entry(key);
  return data && { ...decodeObject(data), index: key };
}

/** Keys of what an account owns, page after page of its directory. */
export function* ownedKeys(state: StateView, address: string): Generator<string> {
  const root = ownerDirectoryKey(address);
  for (let page = 0, seen = 0; seen < 10_000; seen += 1) {
    const directory = entryJson(state, directoryPageKey(root, page));
    if (directory === undefined) return;
    yield* directory["Indexes"] as string[];
    const next = directory["IndexNext"];
    page = typeof next === "string" ? Number.parseInt(next, 16) : 0;
    if (page === 0) return;
  }
}
