import type { VerifySignature } from "../core/ed25519.ts";
import type { Sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { NodeIndex, Signer } from "../core/signer.ts";
import type { TreeHashing } from "../core/tree-hashing.ts";
import type { ClosedMonths } from "./closed-months.ts";
import type { FindingSink } from "./finding.ts";
import type { Entry, LedgerState } from "./ledger-state.ts";
import type { RuleMemory } from "./memory.ts";

/** By which clock events that are not closed yet are judged, milliseconds. */
interface ClockWindow {
  readonly nowUnixMs: number;
  /** How far ahead of the clock an event may be. */
  readonly aheadMs: number;
  /** How old an event may be when it is added. */
  readonly behindMs: number;
}

/** An entry whose content can be judged. */
export type Readable = Entry & { readonly event: LedgerEvent };

export function readable(entries: readonly Entry[]): Readable[] {
  return entries.filter((entry): entry is Readable => entry.event !== undefined);
}

/** A node and its key that made a signature. */
export interface KeyHolder {
  readonly node: string;
  /** Hex of the public key. */
  readonly key: string;
}

/** An event of a closed month and who signed it, at least one. */
export interface SignedLeaf {
  readonly place: () => Entry["place"];
  readonly signers: readonly KeyHolder[];
}

/** Who signed which event, as far as it is remembered. */
export interface KnownSigners {
  get(entry: Entry): readonly Signer[] | undefined;
  set(entry: Entry, signers: readonly Signer[]): void;
  delete(entry: Entry): void;
}

/** Everything a rule may look at. */
export interface RuleContext {
  readonly ledger: LedgerState;
  /** Events of the ledger, months ascending, each in the order of its file; of a ledger that is streamed those alone that rules of the whole look at. */
  readonly entries: readonly Entry[];
  readonly nodes: NodeIndex;
  readonly closed: ClosedMonths;
  /** An earlier state of the same ledger. */
  readonly base: LedgerState | undefined;
  /** Was the event added or altered since the earlier state? Without one nothing is known to be new. */
  isNew(entry: Entry): boolean;
  /** Filled by the signature rule: who signed, those the event names; empty when nobody registered did. */
  readonly signers: KnownSigners;
  /** Events of a closed month whose signer is known, in leaf order. */
  signedIn(month: Month): Iterable<SignedLeaf>;
  /** What the events of the ledger say. An event that is judged before it is in the ledger is not in here either. */
  readonly memory: RuleMemory;
  readonly clock: ClockWindow;
  /** Close time of the XRPL ledger that witnessed a month, milliseconds since 1970. */
  witnessedUnixMs(month: Month): number | undefined;
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  readonly hashing: TreeHashing;
  readonly sink: FindingSink;
}

interface Demand {
  readonly name: string;
  /** What the rule demands, as a sentence. */
  readonly demands: string;
}

/**
 * A rule of each event, and of what it says of others. It looks at the event, at the nodes and at what the ledger
 * remembers, so that an event is judged before it is added as it would be afterwards.
 */
export interface EventRule extends Demand {
  /** Does it look at nothing but the event and the nodes? */
  readonly isLocal?: true;
  /** Does it hang on events that come later? */
  readonly isLate?: true;
  judge(entry: Readable, context: RuleContext): void;
}

/** A rule of the ledger as a whole, which no event that is added at the end can break. */
export interface LedgerRule extends Demand {
  /** Does it hang on closed months alone, so that it holds as long as these stay what they are? */
  readonly isOfClosed?: true;
  /** Does it look at no event, so that it can be judged before they are read? */
  readonly isOfFiles?: true;
  run(context: RuleContext): void | Promise<void>;
}

/** One rule of the ledger. It reports what it finds and does not throw. */
export type Rule = EventRule | LedgerRule;
