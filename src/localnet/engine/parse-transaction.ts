import { DEFAULT_DEFINITIONS, decode, encode } from "ripple-binary-codec";

import { transactionId } from "../../core/xrpl/transaction-id.ts";
import { bytesOf, hexOf } from "./hex.ts";
import { pseudoTypes } from "./local-checks.ts";
import { type FieldNames, readFieldNames, requireFields, SerialFault } from "./serial-reader.ts";
import { seqProxyOf, type Transaction, type TransactionJson } from "./transaction.ts";
import { isKnownType, typeNamed } from "./transaction-types.ts";

/** A blob the server does not even judge; the text is rippled's. */
export interface Refused {
  readonly refused: string;
}

const minSize = 32;
const maxSize = 1024 * 1024;

const commonRequired = ["TransactionType", "Account", "Sequence", "Fee", "SigningPubKey"];
const commonOptional = [
  "Flags",
  "SourceTag",
  "PreviousTxnID",
  "LastLedgerSequence",
  "AccountTxnID",
  "OperationLimit",
  "Memos",
  "TicketSequence",
  "TxnSignature",
  "Signers",
  "NetworkID",
  "Delegate",
];

/** A signed transaction from its blob. Fields in another order than the canonical one are put in order, as rippled does. */
export function parseTransaction(blob: Uint8Array): Transaction | Refused {
  if (blob.length < minSize || blob.length > maxSize) return { refused: "Transaction length invalid" };
  try {
    checkTemplate(readFieldNames(blob));
    const json = decode(hexOf(blob)) as unknown as TransactionJson;
    const canonical = bytesOf(encode({ ...json }));
    const id = hexOf(transactionId(canonical));
    // A fee in issued money is read, and refused as a bad fee later.
    const feeDrops = typeof json.Fee === "string" ? BigInt(json.Fee) : -1n;
    return { id, blob: canonical, json, seq: seqProxyOf(json), feeDrops };
  } catch (fault) {
    return { refused: fault instanceof SerialFault ? fault.message : "invalid SerialIter getRaw" };
  }
}

/** What this network does not know it refuses as a server refuses a type that is not made up yet. */
function checkTemplate(names: FieldNames): void {
  const type = names.get("TransactionType");
  if (type === undefined) throw new SerialFault("Field not found: TransactionType");
  const name = DEFAULT_DEFINITIONS.transactionType.from(String(type))?.name ?? "";
  if (pseudoTypes.has(name)) return;
  if (!isKnownType(name)) throw new SerialFault(`Invalid transaction type ${type}`);
  const { required, optional } = typeNamed(name);
  requireFields(names, [...required, ...commonRequired]);
  const allowed = new Set([...required, ...optional, ...commonRequired, ...commonOptional]);
  for (const field of names.keys()) {
    if (!allowed.has(field)) throw new SerialFault(`Field '${field}' found in disallowed location.`);
  }
}
