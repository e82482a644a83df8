import type { JsonObject } from "../../core/json.ts";
import type { ReleaseView } from "../../core/release-view.ts";

/** How far a month is. */
export type MonthStatus = "open" | "closing" | "closed" | "anchoring" | "anchored" | "proven" | "rejected" | "damaged";

export interface ReceiptFacts {
  readonly network: string;
  readonly networkId: number;
  readonly account: string;
  readonly transactionHash: string;
  readonly ledgerIndex: number;
  readonly ledgerHash: string;
  readonly closeTime: string;
}

export interface MonthSummary {
  readonly month: string;
  readonly status: MonthStatus;
  readonly count: number;
  /** By the clock of the node that closed it; null where that is not known. */
  readonly closedAt: string | null;
  readonly root: string | null;
  readonly manifestHash: string | null;
  readonly receipt: ReceiptFacts | null;
  /** Names of what there is of it. */
  readonly links: Readonly<Record<string, string>>;
}

export interface MonthDetail extends MonthSummary {
  readonly manifest: {
    readonly prev: string | null;
    readonly range: readonly [first: string, last: string] | null;
    readonly algo: string;
  } | null;
  /** `o`, `s`, `l`: origin, size and root of the ledger log at the close. */
  readonly evidence: {
    readonly o: string;
    readonly s: number;
    readonly l: string;
    readonly d: string;
    readonly k: string;
  } | null;
}

export interface DueMonth {
  readonly month: string;
  readonly closableAt: string;
  readonly overdue: number;
}

export interface MonthList {
  readonly partitions: readonly MonthSummary[];
  readonly next: DueMonth | null;
}

export interface ServerFacts {
  readonly version: string;
  readonly network: string;
  readonly notice?: string;
  readonly dialect: string;
  readonly origin: string | null;
  readonly key: string | null;
  readonly accounts: readonly { readonly network: string; readonly account: string }[];
}

export interface EventEntry {
  readonly id: string;
  readonly dialect: "monthly" | "jsonl";
  readonly month: string;
  readonly index: number;
  readonly event: JsonObject;
}

/** An event alone: how far its month is, too. */
interface EventDetail extends EventEntry {
  readonly state: "open" | "closed" | "anchored";
}

export interface EventPage {
  readonly events: readonly EventEntry[];
  /** The event to go on after; null on the last page. A page may be empty and have one. */
  readonly next: string | null;
}

/** Which events: all that are not filtered out, or those of one month. */
export interface EventQuery {
  readonly month?: string;
  readonly filters?: Readonly<Record<string, string>>;
  readonly after?: string;
  readonly limit: number;
}

export interface NodeSummary {
  readonly id: string;
  readonly kind: string;
  readonly description: string;
  readonly provides: readonly string[];
  readonly consumes: readonly string[];
  readonly tags: readonly string[];
  readonly homepage: string;
}

export interface Anchor {
  readonly transactionHash: string;
  readonly month: string;
  readonly state: string;
  readonly network: string;
  readonly account: string;
  readonly ledgerIndex: number | null;
  readonly closeTime: string | null;
  readonly attempt: { readonly feeDrops: number } | null;
}

export interface Consistency {
  readonly old: { readonly size: number; readonly root: string };
  readonly new: { readonly size: number; readonly root: string };
  /** Hashes in hex. */
  readonly path: readonly string[];
}

/** Files of a closed month. */
export type MonthFile = "checkpoint" | "ledger-checkpoint" | "receipt" | "xpop";

/** What is told whenever a month gets further. */
export interface MonthsNow {
  readonly months: readonly { readonly month: string; readonly status: MonthStatus; readonly count: number }[];
  readonly next: DueMonth | null;
}

/** When a copy was made, and how far it goes. */
interface CopyFacts {
  /** RFC 3339. */
  readonly at: string;
  /** The last month in it. */
  readonly through: string;
}

/**
 * Everything the console asks for, whoever answers: a node, or files that were exported. All of it may reject with
 * {@link NoAnswer}; texts in it come from strangers.
 */
export interface ConsoleData {
  /** Who answers, as texts name it. */
  readonly source: "server" | "copy";
  /** Null where a node answers. */
  copied(): Promise<CopyFacts | null>;
  facts(): Promise<ServerFacts>;
  months(): Promise<MonthList>;
  month(month: string): Promise<MonthDetail>;
  /** Bytes as they were published. */
  monthFile(month: string, name: MonthFile): Promise<Uint8Array>;
  events(query: EventQuery): Promise<EventPage>;
  event(id: string): Promise<EventDetail>;
  /** The proof bundle of an event of a closed month. */
  proof(id: string): Promise<Uint8Array>;
  nodes(): Promise<readonly NodeSummary[]>;
  /** Its `node.json`. */
  node(id: string): Promise<JsonObject>;
  release(repo: string, version: string): Promise<ReleaseView>;
  anchors(): Promise<readonly Anchor[]>;
  /** Upper-case hex of a signed transaction. */
  anchorBlob(hash: string): Promise<string>;
  consistency(oldSize: number, newSize: number): Promise<Consistency>;
  /** Where somebody else finds what a node answers at this path, for links; undefined where no one file says it. */
  urlOf(path: string): string | undefined;
  /** The page that verifies, with the proof of an event in it. */
  verificationOf(id: string): Promise<string>;
  /** Tells how far the months are whenever that changes; whether it listens is told too. @returns what ends it */
  listen(onMonths: (now: MonthsNow) => void, onState: (isListening: boolean) => void): () => void;
}

/** A question that got no answer. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** HTTP status; 0 where nobody answered. */
  readonly status: number;
  /** Of the problem, or `NO_ANSWER`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
