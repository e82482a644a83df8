import { type EngineConfig } from "../engine.ts";
import { type AccountRoot } from "./entry.ts";
import { type Result } from "./results.ts";
import { type StateTree } from "./state-tree.ts";
import { type Transaction, type TransactionJson } from "./transaction.ts";
import { type Workspace } from "./workspace.ts";

/** What a transaction is judged by before anything changes. */
export interface ClaimContext {
  readonly config: EngineConfig;
  readonly state: StateTree;
  readonly isOpen: boolean;
  /** A later pass may try again. */
  readonly mayRetry: boolean;
  readonly account: AccountRoot;
}

export interface ApplyContext {
  readonly config: EngineConfig;
  readonly transaction: Transaction;
  readonly workspace: Workspace;
  /** The sender's entry, fee and sequence already taken. */
  readonly account: AccountRoot;
  /** What the sender held before the fee. */
  readonly priorDrops: bigint;
  /** The fee this transaction had to pay at least; 0 when it uses up a free key reset. */
  readonly baseFeeDrops: bigint;
  readonly ledgerIndex: number;
}

/** One kind of transaction, in rippled's three steps. */
export interface TransactionType {
  /** Fields of this type alone; `required` ones first, as rippled looks for them. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Flag bits beyond the universal ones. */
  readonly flags: number;
  /** Looks at the transaction alone. */
  preflight(json: TransactionJson): Result;
  /** Looks at the ledger too. */
  preclaim?(json: TransactionJson, context: ClaimContext): Result;
  apply(context: ApplyContext): Result;
  /** Nothing of the same account may be queued with it, since it may change who can sign. */
  isBlocker?(json: TransactionJson): boolean;
  /** Drops it may take from the account beside the fee. */
  potentialSpend?(json: TransactionJson): bigint;
}
