import { decode, encode } from "ripple-binary-codec";

import { bytesOf, hexOf } from "./hex.ts";

/** A ledger entry as the codec spells it: 64-bit integers and hashes in upper-case hex, drops in decimal. */
export interface Entry {
  readonly LedgerEntryType: string;
  readonly Flags: number;
  PreviousTxnID?: string;
  PreviousTxnLgrSeq?: number;
}

export interface AccountRoot extends Entry {
  readonly LedgerEntryType: "AccountRoot";
  Flags: number;
  readonly Account: string;
  Balance: string;
  Sequence: number;
  OwnerCount: number;
  TicketCount?: number;
  RegularKey?: string;
  AccountTxnID?: string;
  EmailHash?: string;
  WalletLocator?: string;
  MessageKey?: string;
  Domain?: string;
  TransferRate?: number;
  TickSize?: number;
  NFTokenMinter?: string;
}

export interface DirectoryNode extends Entry {
  readonly LedgerEntryType: "DirectoryNode";
  readonly RootIndex: string;
  readonly Owner: string;
  Indexes: string[];
  IndexNext?: string;
  IndexPrevious?: string;
}

export interface Ticket extends Entry {
  readonly LedgerEntryType: "Ticket";
  readonly Account: string;
  readonly TicketSequence: number;
  OwnerNode: string;
}

export interface SignerEntry {
  readonly SignerEntry: { readonly Account: string; readonly SignerWeight: number; readonly WalletLocator?: string };
}

export interface SignerList extends Entry {
  readonly LedgerEntryType: "SignerList";
  readonly Owner: string;
  readonly SignerQuorum: number;
  readonly SignerListID: number;
  readonly SignerEntries: readonly SignerEntry[];
  OwnerNode: string;
}

/** What stands in the two threading fields of an entry no transaction has touched yet. */
export const unthreaded = { PreviousTxnID: "0".repeat(64), PreviousTxnLgrSeq: 0 } as const;

/** A 64-bit field as the codec spells it. */
export function u64Hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(16, "0");
}

export function encodeEntry(entry: Entry): Uint8Array {
  return bytesOf(encode({ ...entry }));
}

export function decodeEntry(data: Uint8Array): Entry {
  return decode(hexOf(data)) as unknown as Entry;
}
