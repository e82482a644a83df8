import type { EventPlace } from "./core/event-index.ts";
import type { Dialect, LedgerEvent } from "./core/ledger-event.ts";
import type { JsonObject, JsonValue } from "./core/json.ts";
import type { Memo } from "./core/memo.ts";
import type { Month } from "./core/month.ts";
import type { NetworkName } from "./core/network.ts";
import type { NodeManifest } from "./core/node-manifest.ts";
import type { SettlementInfo } from "./core/settlement-info.ts";
import type { ClosedClaim } from "./core/verify-receipt.ts";
import type { LedgerBytes } from "./core/xrpl/whole-ledger.ts";

/** One name of a {@link FileTree}. Whatever is neither a plain file nor a folder is told apart, never followed. */
export interface TreeEntry {
  /** Relative, with `/`, no leading `/`. */
  readonly path: string;
  readonly kind: "file" | "executable" | "folder" | "link" | "other";
}

/**
 * Files read-only, wherever they are: a folder, a commit of git, memory. Links are never followed.
 */
export interface FileTree {
  /** What people know it as, for messages. */
  readonly name: string;
  /** Everything under `prefix` (a folder, `""` for all), sorted by path; empty when there is no such folder. */
  entries(prefix: string): Promise<readonly TreeEntry[]>;
  /** @throws SettlementError `LEDGER_UNREADABLE`; undefined when no plain file has that path */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * What tells contents apart without reading them: files with the same tag, in this tree or another, now or later, hold
   * the same bytes. Of these paths those that nothing is known of are left out, and those that were not `entries` last
   * time, or changed since.
   */
  tags?(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** One commit of a {@link CommitRange}. */
export interface RangeCommit {
  /** Hex, as are the parents. */
  readonly id: string;
  /** As the repository at hand knows them: a shallow clone lacks some. */
  readonly parents: readonly string[];
  /** Paths of files that are not as in any parent: added, changed or removed here. */
  readonly changed: readonly string[];
}

/** The commits that a change of a repository consists of. Paths are those of its trees. */
export interface CommitRange {
  /** Parents before children. */
  readonly commits: readonly RangeCommit[];
  /** The accepted state. */
  readonly base: FileTree;
  treeAt(id: string): Promise<FileTree>;
  /** Content of the commit object. @throws SettlementError `LEDGER_UNREADABLE` */
  object(id: string): Promise<Uint8Array>;
  /** Paths that differ from the newest commit. @throws SettlementError `LEDGER_UNREADABLE` */
  uncommitted(): Promise<readonly string[]>;
}

/** Everything a ledger holds now, events parsed and their ids recomputed; signatures are not judged here. */
export interface LedgerSnapshot {
  readonly dialect: Dialect;
  readonly settlement: SettlementInfo | undefined;
  readonly nodes: readonly NodeManifest[];
  /** Monthly dialect: events of each month's file, in order of acceptance. jsonl: one list under `""`, in file order. */
  readonly files: ReadonlyMap<Month | "", readonly LedgerEvent[]>;
}

/** What a ledger holds beside its events. */
export interface LedgerFrame {
  readonly settlement: SettlementInfo | undefined;
  readonly nodes: readonly NodeManifest[];
  /** Files of events: each month that has one, ascending, or the one list, `""`. */
  readonly files: readonly (Month | "")[];
}

/** Events of a file one after the other, as flat lists: what it takes to close a month and to find its events again. */
export interface ScannedEvents {
  readonly dialect: Dialect;
  readonly count: number;
  /** 32 bytes each. */
  readonly ids: Uint8Array;
  readonly unixMs: Float64Array;
  /** Where each is, for {@link Ledger.event}. */
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  /** Where asked for. */
  readonly details?: EventDetails | undefined;
}

/** What a close has to know of events beside their ids. */
export interface EventDetails {
  /** Lines of the evidence digest, one after the other, and where each ends; they may change once further events are asked for. */
  readonly lines: Uint8Array;
  readonly lineEnds: Uint32Array;
  /** `maxTerms` each: one more than the key of a term, 0 for none. */
  readonly terms: Float64Array;
  /** Leaf hashes of the ids, 32 bytes each, where the scan has made them. */
  readonly leaves?: Uint8Array | undefined;
}

interface ScanOptions {
  /** Offset of the event to begin with; of the first when left out. */
  readonly from?: number | undefined;
  readonly wantsDetails?: boolean | undefined;
}

/** Where events are kept. */
export interface Ledger {
  /** @throws SettlementError `LEDGER_NOT_FOUND`, `LEDGER_UNREADABLE` */
  frame(): Promise<LedgerFrame>;
  /**
   * Events of a file in their order, many at a time, their ids recomputed; signatures are not judged here. Memory does
   * not grow with the file where it is formatted as {@link Ledger.append} does it.
   *
   * @throws SettlementError `PARTITION_MALFORMED` naming file and event, `LEDGER_MIXED_DIALECTS`, `LEDGER_UNREADABLE`
   */
  scan(file: Month | "", options?: ScanOptions): AsyncIterable<ScannedEvents>;
  /**
   * The event that a scan found at a place, its id recomputed.
   *
   * @throws SettlementError `PARTITION_MALFORMED` when no event is there, `LEDGER_UNREADABLE`
   */
  event(file: Month | "", place: EventPlace): Promise<LedgerEvent>;
  /**
   * @throws SettlementError `LEDGER_NOT_FOUND`, `LEDGER_MIXED_DIALECTS`, `PARTITION_MALFORMED` naming file and index, `LEDGER_UNREADABLE`
   */
  snapshot(): Promise<LedgerSnapshot>;
  /**
   * Adds events to the file of a month (monthly dialect) or to the one file (jsonl), in the order given; durable once it
   * resolves. A batch is kept whole or, after a crash, up to a last whole event.
   *
   * @throws SettlementError `LEDGER_WRITE_FAILED`; nothing of the batch is kept then
   */
  append(month: Month, events: readonly LedgerEvent[]): Promise<void>;
}

/** A ledger that others may write to as well: another process, a pull of git, a human. */
export interface SharedLedger extends Ledger {
  /**
   * Runs `work` while nobody else, in this process or another, is in `alone` of the same ledger. Who neither knows nor
   * heeds this is noticed by `extend`.
   *
   * @throws SettlementError `LEDGER_IN_USE` after a long wait, `LEDGER_WRITE_FAILED`, and what `work` rejects with
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Another text whenever events, closed months, nodes or `settlement.json` may have changed; cheap to ask for. */
  version(): Promise<string>;
  /**
   * Appends as `append` does, provided that the ledger still has this version.
   *
   * @returns the version that the ledger has now, unless somebody else changed it meanwhile
   * @throws SettlementError `LEDGER_CHANGED`; the events may be in the ledger or not then, as after any other error
   */
  extend(version: string, month: Month, events: readonly LedgerEvent[]): Promise<string>;
  /** Cuts back what crashed appends have torn, as the next append to each file would; closed months stay as they are. */
  mend(): Promise<void>;
}

/**
 * Files of closed months, each written once and never changed: `manifest.json`, `evidence.json`, `nodes.json`,
 * `checkpoint`, `ledger-checkpoint`, `receipt.json`, `xpop.json`, `tile/…`; and what finds their events, `index/…`.
 */
export interface Archive {
  /** Months that have a `manifest.json`, ascending. */
  months(): Promise<readonly Month[]>;
  read(month: Month, name: string): Promise<Uint8Array | undefined>;
  /** Part of a file from a byte offset on, shorter only where the file ends. */
  part(month: Month, name: string, start: number, length: number): Promise<Uint8Array | undefined>;
  /**
   * Durable and whole once it resolves; the same bytes again are welcome.
   *
   * @throws SettlementError `ARCHIVE_CONFLICT` when the file holds other bytes, `LEDGER_WRITE_FAILED`
   */
  write(month: Month, name: string, bytes: Uint8Array): Promise<void>;
  /** Writes many files as `write` does, sooner than one after the other; a crash may leave some of them. */
  writeAll(month: Month, files: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void>;
  /**
   * Removes what a crash left of a month that has no `manifest.json` yet.
   *
   * @throws SettlementError `PARTITION_ALREADY_CLOSED`, `LEDGER_WRITE_FAILED`
   */
  discard(month: Month): Promise<void>;
}

export type AttemptState =
  | "prepared" // signed and stored; perhaps sent
  | "submitted" // handed to a server at least once
  | "anchored" // in a validated ledger with tesSUCCESS
  | "expired" // proven absent; a new one may be signed
  | "failed"; // in a validated ledger with another result, or a human decides

/** One signed transaction for one closed month. The blob is stored before it is sent, and resent as it is. */
export interface SignedAnchor {
  readonly network: NetworkName;
  readonly networkId: number;
  readonly account: string;
  /** Upper-case hex transaction id. */
  readonly hash: string;
  /** Upper-case hex of the signed transaction. */
  readonly blob: string;
  readonly sequence: number;
  readonly lastLedgerSequence: number;
  /** Validated ledger index when it was signed: the transaction is in no ledger up to this one. */
  readonly signedAtIndex: number;
  readonly feeDrops: number;
}

export interface Attempt {
  readonly month: Month;
  readonly manifestHash: string;
  /** 1 for the first. */
  readonly number: number;
  readonly state: AttemptState;
  readonly anchor: SignedAnchor;
  /** Validated ledger that holds it, once `anchored` or `failed`. */
  readonly ledgerIndex?: number;
  /** Engine result or the reason a human should read. */
  readonly result?: string;
}

/** Anchor attempts. Every change is a compare-and-set and durable once it resolves. */
export interface Attempts {
  latest(network: NetworkName, manifestHash: string): Promise<Attempt | undefined>;
  list(): Promise<readonly Attempt[]>;
  /**
   * Stores a new attempt after `previous`, which must be the latest and `expired` (or absent).
   *
   * @throws SettlementError `ATTEMPT_CONFLICT`, `STATE_UNAVAILABLE`
   */
  prepare(month: Month, manifestHash: string, anchor: SignedAnchor, previous: Attempt | undefined): Promise<Attempt>;
  /**
   * Moves an attempt from the state it is known in.
   *
   * @throws SettlementError `ATTEMPT_CONFLICT`, `STATE_UNAVAILABLE`
   */
  advance(
    attempt: Attempt,
    state: AttemptState,
    facts?: { readonly ledgerIndex?: number; readonly result?: string },
  ): Promise<Attempt>;
}

/** What was done about a signed transaction, and what came of it each time that nothing else did. */
export interface Look {
  /** Hash of the transaction, upper-case hex. */
  readonly hash: string;
  readonly act: "look" | "send";
  /** `pending`, `expired` or `validated` with a ledger index; the servers' preliminary word; or the code of an error. */
  readonly said: string;
  readonly times: number;
  readonly firstUnixMs: number;
  readonly lastUnixMs: number;
}

/** What was done about transactions. For people alone: nothing goes by it. Of one transaction so much is kept and no more. */
export interface Looks {
  /** Counts it, or adds it when nothing of the kind was done about this transaction before. @throws SettlementError `STATE_UNAVAILABLE` */
  record(look: Pick<Look, "hash" | "act" | "said">, atUnixMs: number): Promise<void>;
  /** By transaction, in the order in which each was first done. @throws SettlementError `STATE_UNAVAILABLE` */
  list(hashes: readonly string[]): Promise<ReadonlyMap<string, readonly Look[]>>;
}

/** Heads of logs that this node has signed. A log that signs two roots for one size is worth nothing any more. */
export interface SignedHeads {
  /** Resolves when heads can be recorded, so that a close that cannot be remembered is not begun. @throws SettlementError `STATE_UNAVAILABLE` */
  ready(): Promise<void>;
  /**
   * Remembers a head before it is signed; durable once it resolves. The same head again is welcome.
   *
   * @param root - lower-case hex
   * @throws SettlementError `HEAD_CONFLICT` when another root was recorded for this size, `STATE_UNAVAILABLE`
   */
  record(origin: string, size: number, root: string): Promise<void>;
  /** Heads of one log, ascending by size. @throws SettlementError `STATE_UNAVAILABLE` */
  list(origin: string): Promise<readonly { readonly size: number; readonly root: string }[]>;
}

/** Life of a month as this node leads it (design: `open → closing → closed → anchoring → anchored → proven`, and `rejected`). */
export type PartitionState = "open" | "closing" | "closed" | "anchoring" | "anchored" | "proven" | "rejected";

/** What the state database remembers of a month. Files under `anchors/` are the truth; this follows them. */
export interface PartitionRecord {
  /** Origin of the ledger log. */
  readonly origin: string;
  readonly month: Month;
  readonly state: PartitionState;
  readonly manifestHash?: string;
  /** Why it was rejected, or what a human should read. */
  readonly reason?: string;
  readonly changedUnixMs: number;
}

/** Months and their states. Every change is a compare-and-set and durable once it resolves. */
export interface Partitions {
  list(origin: string): Promise<readonly PartitionRecord[]>;
  get(origin: string, month: Month): Promise<PartitionRecord | undefined>;
  /**
   * Moves a month from the state it is known in; `undefined` is a month that was never recorded. `reason` and
   * `manifestHash` are replaced by those of `next`.
   *
   * @throws SettlementError `PARTITION_STATE_CONFLICT` when it is in another state, or the step is none of the machine's, `STATE_UNAVAILABLE`
   */
  move(before: PartitionState | undefined, next: PartitionRecord): Promise<PartitionRecord>;
  /** When months that were seen open became closed, milliseconds since 1970; those that were found closed are left out. */
  closedTimes(origin: string): Promise<ReadonlyMap<Month, number>>;
}

/** Evidence that servers forget: kept from the moment it is seen. */
export interface CapturedEvidence {
  readonly network: NetworkName;
  readonly ledgerIndex: number;
  /** Upper-case hex. */
  readonly ledgerHash: string;
  /** `ledger`: a whole binary ledger as JSON; `validation`, `manifest`, `list`: as the network signed them. */
  readonly kind: "ledger" | "validation" | "manifest" | "list";
  /** Tells apart what there is several of in one ledger, such as the signer. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Captured evidence, each piece written once; the first to come is kept. */
export interface EvidenceStore {
  /** Durable once it resolves. @throws SettlementError `STATE_UNAVAILABLE` */
  keep(evidence: CapturedEvidence): Promise<void>;
  find(network: NetworkName, ledgerIndex: number): Promise<readonly CapturedEvidence[]>;
}

/** Validated ledgers whose hash this node has computed: a server that contradicts them is of another chain. */
export interface SeenLedgers {
  /** The highest one. */
  latest(network: NetworkName): Promise<SeenLedger | undefined>;
  get(network: NetworkName, ledgerIndex: number): Promise<SeenLedger | undefined>;
  /** @throws SettlementError `CHAIN_FORKED` when another hash is remembered for that index, `STATE_UNAVAILABLE` */
  record(network: NetworkName, ledger: SeenLedger): Promise<void>;
  /** Forgets a network that was reset, on the word of a human. */
  forget(network: NetworkName): Promise<void>;
}

export interface SeenLedger {
  readonly ledgerIndex: number;
  /** Upper-case hex. */
  readonly hash: string;
}

/** What an accepted event was promised; the same event again gets it again. */
export interface Promised {
  readonly id: string;
  /** Log that holds the event: the ledger log, or that of its month. */
  readonly origin: string;
  readonly leafIndex: number;
  /** Signed checkpoint of that log, which includes the leaf. */
  readonly checkpoint: string;
  readonly acceptedUnixMs: number;
}

/** A head of a log that was promised to events: it promises every leaf before `size` its place. */
export interface PromisedHead {
  readonly origin: string;
  readonly size: number;
  /** Signed checkpoint of that log at that size. */
  readonly checkpoint: string;
  readonly acceptedUnixMs: number;
}

/** Heads that were promised. The first that covers a leaf is its promise; it never changes once there is one. */
export interface Promises {
  /** The first head kept of a log that covers a leaf, of each leaf that is covered. */
  covering(origin: string, leafIndexes: readonly number[]): Promise<ReadonlyMap<number, PromisedHead>>;
  /**
   * Keeps a head, durably, unless one that covers as much is kept already or the log is sealed.
   *
   * @returns the head that holds for the last leaf of the one given; undefined where that is sealed out
   */
  keep(head: PromisedHead): Promise<PromisedHead | undefined>;
  /** Keeps every further head of a log out, durably: what is not covered by then never is. */
  seal(origin: string): Promise<void>;
}

export type NoticeType = "partition.closed" | "partition.anchored" | "partition.proven" | "partition.failed";

/** Something that the world is told by webhook. */
export interface Notice {
  /** The same for the same fact, so that it is told once. */
  readonly id: string;
  readonly type: NoticeType;
  readonly createdUnixMs: number;
  readonly body: JsonObject;
}

/** A notice that an endpoint has not taken yet. */
export interface PendingNotice extends Notice {
  readonly tries: number;
}

/** Notices and where each was delivered: an outbox. */
export interface Notices {
  /** Durable once it resolves; a notice that is there stays as it is. */
  record(notice: Notice): Promise<void>;
  /** Notices not delivered to this endpoint after fewer than `maxTries` tries, oldest first. */
  undelivered(endpoint: string, maxTries: number): Promise<readonly PendingNotice[]>;
  /** @param fault - why it failed, undefined for a delivery */
  tried(noticeId: string, endpoint: string, atUnixMs: number, fault?: string): Promise<void>;
}

/** Where notices are sent, by Standard Webhooks. */
export interface WebhookEndpoint {
  /** What logs and the outbox call it; never the URL, which may hold a secret. */
  readonly name: string;
  readonly url: string;
  /** Each `whsec_…`; all of them sign, so that a receiver can go over from one to the next. */
  readonly secrets: readonly string[];
  readonly types: readonly NoticeType[];
}

/** What became of one try. `gone`: the endpoint wants no more. `fault` says why, and holds neither URL nor secret. */
export type Delivery =
  | { readonly state: "delivered" }
  | { readonly state: "failed"; readonly fault: string }
  | { readonly state: "gone"; readonly fault: string };

/** Sends a notice to an endpoint, once; whatever the network does about it is told by what it resolves to. */
export type SendNotice = (
  endpoint: WebhookEndpoint,
  message: { readonly id: string; readonly body: string },
) => Promise<Delivery>;

export interface AuditEntry {
  readonly atUnixMs: number;
  /** Who: the name of a token, or `cli`. Never the token. */
  readonly actor: string;
  readonly act: string;
  readonly detail: string;
  readonly outcome: string;
}

/** What humans made the node do, ascending. Only ever added to. */
export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  /** The last ones, newest first. */
  list(limit: number): Promise<readonly AuditEntry[]>;
}

export interface ChainStatus {
  readonly networkId: number;
  /** Does the server announce itself as a network in a process that convinces nobody else? */
  readonly isLocal: boolean;
  readonly server: string;
  /** The highest ledger that all servers have validated that are up to date. */
  readonly validatedIndex: number;
  /** Age of the last validated ledger by the servers' own clocks, the oldest of them, seconds. */
  readonly ledgerAgeS: number;
  readonly account: string;
  readonly balanceDrops: bigint;
  readonly reserveDrops: bigint;
  /** What one anchor costs now. */
  readonly feeDrops: number;
}

export type Outcome =
  | { readonly state: "pending" } // not in a validated ledger yet, and may still come
  | { readonly state: "validated"; readonly ledgerIndex: number; readonly result: string }
  | { readonly state: "expired" }; // proven absent for ever

/** What the whole validated history of the anchoring account says. */
export interface AnchorHistory {
  readonly found?: { readonly hash: string; readonly ledgerIndex: number };
  /** Sequence of the account's next transaction, as this history leaves it. */
  readonly nextSequence: number;
  /** Sequences that the account's own signed transactions have used. */
  readonly used: ReadonlySet<number>;
}

/**
 * The chain that witnesses roots.
 *
 * `submit` may resolve or reject without telling whether the network kept the transaction. Only `outcome` tells,
 * and only `expired` permits signing anew.
 *
 * Every method may throw `CHAIN_UNREACHABLE`, `CHAIN_STALE` when no server is up to date, `CHAIN_WRONG_NETWORK`,
 * `CHAIN_ANSWER_MALFORMED` or `CHAIN_ANSWER_REFUTED` when no other server answers, and `CHAIN_FORKED` when none shows what
 * this node has seen; every one that concludes something, `CHAIN_DISAGREEMENT` when two servers contradict each other, and
 * `STATE_UNAVAILABLE`.
 */
export interface Chain {
  readonly network: NetworkName;
  /** @throws SettlementError `ACCOUNT_NOT_FUNDED` */
  status(): Promise<ChainStatus>;
  /**
   * Looks through the whole validated history of the account for the anchor of this manifest.
   *
   * @throws SettlementError `ANCHOR_HISTORY_INCOMPLETE`, `ANCHOR_CONFLICT` when the account anchored the same month of
   * the same ledger with another manifest
   */
  history(claim: ClosedClaim): Promise<AnchorHistory>;
  /**
   * Signs one transaction with these memos and sends nothing.
   *
   * @param sequence - the one a history was proven up to: any later transaction of the account makes this one void
   * @throws SettlementError `FEE_ABOVE_CAP`
   */
  sign(memos: readonly Memo[], sequence: number): Promise<SignedAnchor>;
  /** Sends the same bytes each time it is called with the same anchor. Resolves to the best of the servers' preliminary words. */
  submit(anchor: SignedAnchor): Promise<string>;
  /** @throws SettlementError `ANCHOR_OUTCOME_UNKNOWN` when its last ledger is past and no server can show what became of it */
  outcome(anchor: SignedAnchor): Promise<Outcome>;
  /** A validated ledger as bytes, its tree recomputed. */
  capture(ledgerIndex: number): Promise<LedgerBytes>;
}

/** A ledger of which this node has heard validations. */
export interface HeardLedger {
  readonly ledgerIndex: number;
  /** Upper-case hex. */
  readonly ledgerHash: string;
  /** Whole STValidations as their signers sent them, one a signer; nothing of them was checked. */
  readonly validations: readonly Uint8Array[];
}

/**
 * What validators say while they say it: no server gives it later. Only the latest ledgers are remembered, and what was
 * said while no connection was up is not among it.
 */
export interface Validations {
  /** Ledgers from this index on, ascending. */
  heardFrom(ledgerIndex: number): readonly HeardLedger[];
  /**
   * Manifests by which the validators that were heard sign, and revocations, each signed by its master key; whether that
   * key means anything is for a list to say.
   */
  manifests(): readonly Uint8Array[];
}

/** Validator lists as their publishers serve them now, each parsed as JSON and not checked; those that answer. */
export type PublishedLists = () => Promise<readonly JsonValue[]>;

/** Milliseconds since 1970, now. */
export type Clock = () => number;

/** A fixed message with fields beside it; secrets are in neither. */
export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Never throws and never blocks. */
export type Log = (entry: LogEntry) => void;
