/** Settings of one local network. Drops and ledger numbers are those of rippled's own configuration. */
export interface EngineConfig {
  /** 0 behaves like a network without `NetworkID` in its transactions; the default of a local network is 63456. */
  readonly networkId: number;
  readonly baseFeeDrops: number;
  readonly reserveBaseDrops: number;
  readonly reserveIncrementDrops: number;
  /** Seconds since 1970, now. */
  readonly nowUnixS: () => number;
  /** How full a ledger gets before fees rise and transactions wait; by default as on a standalone rippled. */
  readonly queue?: QueueConfig;
}

/** The `[transaction_queue]` section of rippled's configuration, as far as this network has it. */
export interface QueueConfig {
  /** `minimum_txn_in_ledger_standalone`: the open ledger is never expected to hold fewer. */
  readonly minimumLedgerTransactions: number;
  /** `target_txn_in_ledger` */
  readonly targetLedgerTransactions: number;
  /** `ledgers_in_queue`: the queue is as long as so many expected ledgers. */
  readonly ledgersInQueue: number;
  /** `minimum_queue_size` */
  readonly minimumQueueSize: number;
}

/** What `submit` answers before consensus, in rippled's own words. */
export interface SubmitOutcome {
  readonly engineResult: string;
  readonly engineResultCode: number;
  readonly engineResultMessage: string;
  readonly accepted: boolean;
  readonly applied: boolean;
  readonly broadcast: boolean;
  readonly queued: boolean;
  readonly kept: boolean;
  /** Upper-case hex transaction id. */
  readonly hash: string;
  readonly accountSequenceAvailable: number;
  readonly accountSequenceNext: number;
  readonly openLedgerCostDrops: number;
  readonly validatedLedgerIndex: number;
}

/** A blob the server refuses before any engine result: rippled's `invalidTransaction` with `error_exception`. */
export interface SubmitRefusal {
  readonly refused: string;
}

export interface ClosedTransaction {
  /** Upper-case hex. */
  readonly hash: string;
  readonly blob: Uint8Array;
  readonly meta: Uint8Array;
  /** `TransactionIndex` of the metadata. */
  readonly index: number;
}

/** Read access to the state tree of one ledger: serialised ledger entries by their 32-byte key in upper-case hex. */
export interface StateView {
  entry(keyHex: string): Uint8Array | undefined;
  entries(): Iterable<readonly [keyHex: string, data: Uint8Array]>;
}

export interface ClosedLedger {
  readonly index: number;
  /** Upper-case hex ledger hash. */
  readonly hash: string;
  /** 118 bytes, the `ledger_data` of the `ledger` method. */
  readonly header: Uint8Array;
  /** In order of their `TransactionIndex`. */
  readonly transactions: readonly ClosedTransaction[];
  readonly state: StateView;
}

/** A transaction this server ever saw. `ledgerIndex` is absent until a closed ledger holds it. */
export interface SeenTransaction {
  readonly hash: string;
  readonly blob: Uint8Array;
  readonly ledgerIndex?: number;
  readonly meta?: Uint8Array;
  readonly index?: number;
}

/** The open ledger as `current` shows it: applied but not closed. Its transactions have no metadata yet: `meta` is empty. */
export interface OpenLedger {
  readonly index: number;
  readonly parentHash: string;
  readonly totalDrops: bigint;
  readonly transactions: readonly ClosedTransaction[];
  readonly state: StateView;
}

/** The numbers of the `fee` method. A fee level is 256 for a transaction that pays its base fee once. */
export interface FeeState {
  readonly openTransactions: number;
  readonly expectedTransactions: number;
  readonly queueSize: number;
  /** Absent until the first ledger was closed. */
  readonly maxQueueSize?: number;
  readonly minimumLevel: bigint;
  readonly medianLevel: bigint;
  readonly openLedgerLevel: bigint;
}

export interface QueuedTransaction {
  /** Upper-case hex. */
  readonly hash: string;
  readonly blob: Uint8Array;
  readonly account: string;
  readonly feeDrops: bigint;
  readonly feeLevel: bigint;
  /** The fee and what else it may take from the account. */
  readonly maxSpendDrops: bigint;
  /** It may change who can sign. */
  readonly authChange: boolean;
  readonly sequence?: number;
  readonly ticket?: number;
  readonly lastLedgerSequence?: number;
  readonly retriesRemaining: number;
}

/**
 * The transaction engine of the local network: real codec, real signatures, real trees, one node.
 * Every closed ledger is validated at once, as on a standalone rippled.
 *
 * Fed with what a real server was sent, it gives the same answers, metadata and hashes. What it leaves out, on purpose:
 * transaction types beyond AccountSet, Payment of XRP, SetRegularKey, SignerListSet and TicketCreate (refused as a type
 * nobody knows); issued money (`tecPATH_DRY`, for nobody can hold it without a TrustSet); votes on fees and amendments at
 * every 256th ledger; other close resolutions than ten seconds; fees that rise with the load of the machine.
 */
export interface Engine {
  readonly config: EngineConfig;
  /** The last closed ledger; there is always one. */
  last(): ClosedLedger;
  closedByIndex(index: number): ClosedLedger | undefined;
  closedByHash(hash: string): ClosedLedger | undefined;
  /** First ledger whose contents are kept; servers report `complete_ledgers` from here. */
  firstIndex(): number;
  open(): OpenLedger;
  submit(blob: Uint8Array, options?: { readonly failHard?: boolean }): SubmitOutcome | SubmitRefusal;
  /** Closes the open ledger. `closeTimeRippleS` forces the close time (seconds since 2000), for replays. */
  accept(closeTimeRippleS?: number): ClosedLedger;
  transaction(hash: string): SeenTransaction | undefined;
  /** Transactions of an account in validated ledgers, oldest first. */
  accountTransactions(address: string): readonly (ClosedTransaction & { readonly ledgerIndex: number })[];
  /** Calls back after each close and for each transaction applied to the open ledger. Returns the way to stop. */
  subscribe(listener: EngineListener): () => void;
  /** What it takes to get into the open ledger now. */
  fees(): FeeState;
  /** Transactions that wait for lower fees, best paid first; of one account, in the order they will be applied. */
  queued(address?: string): readonly QueuedTransaction[];
}

export interface EngineListener {
  closed?(ledger: ClosedLedger): void;
  proposed?(transaction: SeenTransaction, outcome: SubmitOutcome): void;
}
