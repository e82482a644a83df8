import type { VerifySignature } from "../core/ed25519.ts";
import type { Sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { NodeIndex, Signer } from "../core/signer.ts";
import type { ClosedMonths } from "./closed-months.ts";
import type { FindingSink } from "./finding.ts";
import type { Entry, LedgerState } from "./ledger-state.ts";

/** By which clock events that are not closed yet are judged, milliseconds. */
interface ClockWindow {
  readonly nowUnixMs: number;
  /** How far ahead of the clock an event may be. */
  readonly aheadMs: number;
  /** How old an event may be when it is added. */
  readonly behindMs: number;
}

/** Everything a rule may look at. */
export interface RuleContext {
  readonly ledger: LedgerState;
  /** Every event of the ledger, months ascending, each in the order of its file. */
  readonly entries: readonly Entry[];
  /** Where an event stands. */
  entryOf(event: LedgerEvent): Entry | undefined;
  readonly nodes: NodeIndex;
  readonly closed: ClosedMonths;
  /** An earlier state of the same ledger. */
  readonly base: LedgerState | undefined;
  /** Was the event added or altered since the earlier state? Without one nothing is known to be new. */
  isNew(entry: Entry): boolean;
  /** Filled by the signature rule: who signed, those the event names; empty when nobody registered did. */
  readonly signers: Map<Entry, readonly Signer[]>;
  readonly clock: ClockWindow;
  /** Close time of the XRPL ledger that witnessed a month, milliseconds since 1970. */
  witnessedUnixMs(month: Month): number | undefined;
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  readonly sink: FindingSink;
}

/** One rule of the ledger. It reports what it finds and does not throw. */
export interface Rule {
  readonly name: string;
  /** What the rule demands, as a sentence. */
  readonly demands: string;
  run(context: RuleContext): void | Promise<void>;
}
