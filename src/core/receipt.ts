import { fromHex, toHex } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { SettlementError } from "./error.ts";
import { type FieldReader, fieldsOf } from "./fields.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { isMonth, type Month } from "./month.ts";
import { isIdOfNetwork, type NetworkName, parseNetworkName } from "./network.ts";
import { formatRippleTime, rippleTimeUnixMs } from "./xrpl/close-time.ts";
import { headerJson, parseHeaderJson } from "./xrpl/header-json.ts";
import { ledgerHash, type LedgerHeader } from "./xrpl/ledger-header.ts";
import { transactionId } from "./xrpl/transaction-id.ts";

/** Said by every receipt of a network that lives in one process. */
export const localNotice =
  "A local network witnessed this. It shows how the chain of evidence works and convinces nobody else.";

/**
 * What XRPL witnessed: the transaction, its place in the ledger's transaction tree and the ledger header. `ledger` and
 * `transaction` are spelt as in an XPOP (XLS-41), whose first two sections they are.
 */
export interface Receipt {
  readonly network: NetworkName;
  /** An XPOP names no network; a receipt does. */
  readonly networkId: number;
  readonly month: Month;
  readonly manifestHash: string;
  /** Classic address, as the transaction says. */
  readonly account: string;
  readonly blob: Uint8Array;
  readonly meta: Uint8Array;
  /** List form of XLS-41, from the root of the transaction tree down. */
  readonly path: JsonValue;
  readonly header: LedgerHeader;
  /**
   * Signed note of the settlement key that says this transaction was seen in this validated ledger. It is what
   * `anchored` rests on where no validator's signature is at hand.
   */
  readonly statement: string;
}

/** The text of {@link Receipt.statement} before its signature. Its second line is no number, so it is never a checkpoint. */
export function statementText(origin: string, transaction: string, header: LedgerHeader): string {
  return `${origin}/receipt\ntransaction ${transaction}\nledger ${header.index} ${toHex(ledgerHash(header)).toUpperCase()}\n`;
}

/** Close time of the ledger, milliseconds since 1970. */
export function closeTimeUnixMs(header: LedgerHeader): number {
  return rippleTimeUnixMs(header.closeTimeRippleS);
}

/** What people look for in a receipt, computed from its bytes. Hashes are upper-case hex. */
export interface ReceiptFacts {
  readonly transactionHash: string;
  readonly ledgerIndex: number;
  readonly ledgerHash: string;
  readonly closeTime: string;
}

export function receiptFacts({ blob, header }: Receipt): ReceiptFacts {
  return {
    transactionHash: toHex(transactionId(blob)).toUpperCase(),
    ledgerIndex: header.index,
    ledgerHash: toHex(ledgerHash(header)).toUpperCase(),
    closeTime: formatRippleTime(header.closeTimeRippleS),
  };
}

/** The receipt as it is published; the hashes and times it states are recomputed by whoever reads it. */
export function receiptJson(receipt: Receipt): JsonObject {
  const { header } = receipt;
  return {
    v: 1,
    network: receipt.network,
    networkId: receipt.networkId,
    ...(receipt.network === "local" ? { notice: localNotice } : {}),
    partitionId: receipt.month,
    manifestHash: receipt.manifestHash,
    account: receipt.account,
    ...receiptFacts(receipt),
    ledger: headerJson(header),
    transaction: {
      blob: toHex(receipt.blob).toUpperCase(),
      meta: toHex(receipt.meta).toUpperCase(),
      proof: receipt.path,
    },
    statement: receipt.statement,
  };
}

/** An anchor takes about 1 KB and changes one entry; bytes. */
const blobLimit = 16_384;
const metaLimit = 65_536;

function bytesUpTo(fields: FieldReader, name: string, limit: number): Uint8Array {
  const hex = fields.hex(name);
  return hex.length <= 2 * limit
    ? fromHex(hex)
    : fields.fail(`member "${name}" has more than ${limit} bytes, which no anchor takes`);
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 120);
}

/**
 * A receipt as published. What it states beside the bytes must be what the bytes say.
 *
 * @throws SettlementError `RECEIPT_MALFORMED`, `FORMAT_VERSION_UNKNOWN`, `NETWORK_UNKNOWN`, `RECEIPT_REFUTED`
 */
export function parseReceipt(value: JsonValue): Receipt {
  const fields = fieldsOf("RECEIPT_MALFORMED", "receipt", value);
  fields.version(1);
  const stated = ["transactionHash", "ledgerIndex", "ledgerHash", "closeTime"];
  const named = [
    "network",
    "networkId",
    "partitionId",
    "manifestHash",
    "account",
    "ledger",
    "transaction",
    "statement",
  ];
  fields.only("v", "notice", ...named, ...stated);
  const month = fields.text("partitionId", 20);
  if (!isMonth(month)) fields.fail(`partitionId ${JSON.stringify(month)} is not a month`);
  const network = parseNetworkName(fields.text("network", 20));
  const networkId = fields.count("networkId", 0xffff_ffff);
  if (!isIdOfNetwork(network, networkId)) fields.fail(`network ${network} does not have the id ${networkId}`);
  const transaction = fields.reader("transaction");
  transaction.only("blob", "meta", "proof");
  const receipt: Receipt = {
    network,
    networkId,
    month,
    manifestHash: fields.hash("manifestHash"),
    account: fields.text("account", 40),
    blob: bytesUpTo(transaction, "blob", blobLimit),
    meta: bytesUpTo(transaction, "meta", metaLimit),
    path: transaction.member("proof"),
    header: parseHeaderJson(fields.reader("ledger")),
    statement: fields.text("statement", 4000),
  };
  const computed = receiptJson(receipt);
  for (const name of [...stated, "notice"]) {
    if (fields.object[name] !== computed[name]) {
      throw new SettlementError(
        "RECEIPT_REFUTED",
        `receipt: ${name} says ${shown(fields.object[name])}, the bytes say ${shown(computed[name])}`,
      );
    }
  }
  if (!isFullPath(receipt.path) || canonicalJson(computed) !== canonicalJson(fields.object)) {
    fields.fail("a member is not written the one way it is published in");
  }
  return receipt;
}

/** XLS-41 lets the lists of a path be cut short and hashes be in any case; a receipt has one spelling. */
function isFullPath(path: JsonValue): boolean {
  if (typeof path === "string") return /^[0-9A-F]{64}$/.test(path);
  return Array.isArray(path) && path.length === 16 && path.every((child: JsonValue) => isFullPath(child));
}
