import type { StateView } from "../../src/localnet/engine.ts";
import { type AccountRoot, decodeEntry } from "../../src/localnet/engine/entry.ts";
import { accountKey } from "../../src/localnet/engine/keys.ts";

function accountIn(state: StateView, address: string): AccountRoot | undefined {
  const entry = state.entry(accountKey(address));
  return entry && (decodeEntry(entry) as AccountRoot);
}

/** Sequence of the account's next transaction in this state; 0 for an account that is not there. */
export function nextSequence(state: StateView, address: string): number {
  return accountIn(state, address)?.Sequence ?? 0;
}

export function balanceDrops(state: StateView, address: string): bigint {
  return BigInt(accountIn(state, address)?.Balance ?? 0);
}
