import { type SignerEntry } from "./entry.ts";

/** A memo object as the codec spells it: hex. */
export interface MemoJson {
  readonly Memo: { readonly MemoType?: string; readonly MemoData?: string; readonly MemoFormat?: string };
}

export interface SignerJson {
  readonly Signer: { readonly Account: string; readonly SigningPubKey: string; readonly TxnSignature: string };
}

/** A signed transaction as the codec spells it. Fields of one type alone are read by that type's file. */
export interface TransactionJson {
  readonly TransactionType: string;
  readonly Account: string;
  readonly Fee: string | Readonly<Record<string, string>>;
  readonly Sequence: number;
  readonly SigningPubKey: string;
  readonly TxnSignature?: string;
  readonly Flags?: number;
  readonly TicketSequence?: number;
  readonly LastLedgerSequence?: number;
  readonly AccountTxnID?: string;
  readonly NetworkID?: number;
  readonly Delegate?: string;
  readonly Memos?: readonly MemoJson[];
  readonly Signers?: readonly SignerJson[];
  readonly Destination?: string;
  readonly DestinationTag?: number;
  readonly Amount?: string | Readonly<Record<string, string>>;
  readonly SendMax?: unknown;
  readonly DeliverMin?: unknown;
  readonly Paths?: unknown;
  readonly CredentialIDs?: readonly string[];
  readonly SetFlag?: number;
  readonly ClearFlag?: number;
  readonly TransferRate?: number;
  readonly TickSize?: number;
  readonly MessageKey?: string;
  readonly Domain?: string;
  readonly EmailHash?: string;
  readonly WalletLocator?: string;
  readonly NFTokenMinter?: string;
  readonly RegularKey?: string;
  readonly SignerQuorum?: number;
  readonly SignerEntries?: readonly SignerEntry[];
  readonly TicketCount?: number;
}

/** What orders the transactions of an account: a sequence number, or a ticket made earlier. Sequences come first. */
export interface SeqProxy {
  readonly isTicket: boolean;
  readonly value: number;
}

export interface Transaction {
  /** Upper-case hex. */
  readonly id: string;
  readonly blob: Uint8Array;
  readonly json: TransactionJson;
  readonly seq: SeqProxy;
  readonly feeDrops: bigint;
}

export function seqProxyOf({ Sequence, TicketSequence }: TransactionJson): SeqProxy {
  if (Sequence !== 0 || TicketSequence === undefined) return { isTicket: false, value: Sequence };
  return { isTicket: true, value: TicketSequence };
}

/** Negative, 0 or positive. */
export function compareSeq(a: SeqProxy, b: SeqProxy): number {
  return Number(a.isTicket) - Number(b.isTicket) || a.value - b.value;
}

/** Is any of these bits set? */
export function hasFlag(flags: number | undefined, bit: number): boolean {
  return ((flags ?? 0) & bit) !== 0;
}
