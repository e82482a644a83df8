import { SettlementError } from "../error.ts";
import { addressOf } from "./address.ts";
import { fieldOf, fieldType, readFields, type SerialField } from "./fields.ts";

/** A memo as it stands in a transaction; any of its fields may be missing. */
export interface TransactionMemo {
  readonly type?: Uint8Array;
  readonly format?: Uint8Array;
  readonly data?: Uint8Array;
}

/** What a verifier needs of a signed transaction. */
export interface AnchorTransaction {
  /** `TransactionType`; {@link accountSetType} carries an anchor. */
  readonly transactionType: number;
  /** Classic address of the sender. */
  readonly account: string;
  /** 0 when a ticket is used. */
  readonly sequence: number;
  readonly ticketSequence?: number;
  readonly lastLedgerSequence?: number;
  /** Present on networks with an id over 1024 alone. */
  readonly networkId?: number;
  readonly memos: readonly TransactionMemo[];
}

/** What a verifier needs of a transaction's metadata. */
export interface AnchorMetadata {
  /** 0 is `tesSUCCESS`; 100 and above claimed the fee and did nothing else. */
  readonly transactionResult: number;
  /** Place in the ledger, from 0. */
  readonly transactionIndex: number;
}

/** What became of a validated transaction, for people; only `tesSUCCESS` anchors. */
export function resultText({ transactionResult }: Pick<AnchorMetadata, "transactionResult">): string {
  return transactionResult === 0 ? "tesSUCCESS" : `result code ${transactionResult}`;
}

/** `TransactionType` of AccountSet. */
export const accountSetType = 3;

/** The type of a transaction, for people; of all of them only an AccountSet anchors. */
export function typeText({ transactionType }: Pick<AnchorTransaction, "transactionType">): string {
  return transactionType === accountSetType ? "AccountSet" : `transaction of type ${transactionType}`;
}

const memosCode = 9;
const memoCode = 10;

/**
 * The parts of a signed transaction that an anchor rests on.
 *
 * @throws SettlementError `XRPL_FIELDS_MALFORMED` for bytes that are no canonical object,
 *   `XRPL_TRANSACTION_MALFORMED` when a field every transaction has is missing
 */
export function readTransaction(blob: Uint8Array): AnchorTransaction {
  const fields = readFields(blob);
  const account = fieldOf(fields, fieldType.accountId, 1)?.bytes;
  if (account?.length !== 20) throw missing("transaction", "Account");
  const memos = fieldOf(fields, fieldType.array, memosCode)?.inner ?? [];
  return {
    transactionType: required(fields, [fieldType.uint16, 2], "transaction", "TransactionType"),
    account: addressOf(account),
    sequence: required(fields, [fieldType.uint32, 4], "transaction", "Sequence"),
    ...optional("networkId", uintOf(fields, fieldType.uint32, 1)),
    ...optional("lastLedgerSequence", uintOf(fields, fieldType.uint32, 27)),
    ...optional("ticketSequence", uintOf(fields, fieldType.uint32, 41)),
    memos: memos.map(readMemo),
  };
}

/**
 * Result and place of a transaction.
 *
 * @throws SettlementError `XRPL_FIELDS_MALFORMED`, `XRPL_TRANSACTION_MALFORMED` as {@link readTransaction}
 */
export function readMetadata(meta: Uint8Array): AnchorMetadata {
  const fields = readFields(meta);
  return {
    transactionResult: required(fields, [fieldType.uint8, 3], "metadata", "TransactionResult"),
    transactionIndex: required(fields, [fieldType.uint32, 28], "metadata", "TransactionIndex"),
  };
}

function readMemo(element: SerialField): TransactionMemo {
  if (element.fieldCode !== memoCode) {
    throw new SettlementError(
      "XRPL_TRANSACTION_MALFORMED",
      "the Memos of the transaction hold something else than a Memo",
    );
  }
  return {
    ...optional("type", fieldOf(element.inner, fieldType.blob, 12)?.bytes),
    ...optional("data", fieldOf(element.inner, fieldType.blob, 13)?.bytes),
    ...optional("format", fieldOf(element.inner, fieldType.blob, 14)?.bytes),
  };
}

function uintOf(fields: readonly SerialField[], typeCode: number, fieldCode: number): number | undefined {
  return fieldOf(fields, typeCode, fieldCode)?.bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function required(
  fields: readonly SerialField[],
  [typeCode, fieldCode]: readonly [number, number],
  what: string,
  name: string,
): number {
  const value = uintOf(fields, typeCode, fieldCode);
  if (value === undefined) throw missing(what, name);
  return value;
}

function optional<const Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [K in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]?: Value });
}

function missing(what: string, name: string): SettlementError {
  return new SettlementError(
    "XRPL_TRANSACTION_MALFORMED",
    `the ${what} has no ${name}: these are not the bytes of one`,
  );
}
