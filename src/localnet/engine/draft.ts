import { type EngineConfig } from "../engine.ts";
import { type AccountRoot, decodeEntry, type Entry } from "./entry.ts";
import { accountKey } from "./keys.ts";
import { type StateTree } from "./state-tree.ts";
import { type Transaction } from "./transaction.ts";

/** A transaction that is in a draft, with its serialised metadata (none in an open ledger). */
interface Applied {
  readonly transaction: Transaction;
  readonly meta: Uint8Array;
}

/** A ledger in the making: the open one, one being closed, or a copy to try something on. */
export interface Draft {
  readonly config: EngineConfig;
  readonly index: number;
  readonly parentHash: string;
  /** An open ledger asks for fees and writes no metadata; a closing one does the reverse. */
  readonly isOpen: boolean;
  state: StateTree;
  totalDrops: bigint;
  /** By id, in order of application. */
  readonly applied: Map<string, Applied>;
}

/** A draft whose changes leave the original alone. */
export function copyDraft(draft: Draft): Draft {
  return { ...draft, applied: new Map(draft.applied) };
}

/** Drops an account with so many owned entries has to keep. */
export function reserveDrops(config: EngineConfig, ownerCount: number): bigint {
  return BigInt(config.reserveBaseDrops) + BigInt(ownerCount) * BigInt(config.reserveIncrementDrops);
}

export function readEntry(state: StateTree, key: string): Entry | undefined {
  const data = state.get(key);
  return data && decodeEntry(data);
}

export function readAccount(state: StateTree, address: string): AccountRoot | undefined {
  return readEntry(state, accountKey(address)) as AccountRoot | undefined;
}
