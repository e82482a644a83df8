import { fromHex, toHex } from "../../src/core/bytes.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { isJsonObject } from "../../src/core/json.ts";
import { decodeLedgerHeader, encodeLedgerHeader } from "../../src/core/xrpl/ledger-header.ts";
import { transactionLeaf, treeRoot } from "../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import type { Chance } from "./chance.ts";
import { shown } from "./shown.ts";

export type Answer = JsonObject; // a refusal has `error`

/** What a liar goes by. */
interface LieContext {
  readonly command: string;
  readonly parameters: JsonObject;
  readonly chance: Chance;
  /** Highest ledger the server has. */
  readonly validatedIndex: number;
  /** The honest answer to the same question, so many ledgers ago. */
  readonly earlier: (ledgersBack: number) => Answer;
}

/** Tells something else, or undefined where this lie has nothing to say. */
export type Lie = (answer: Answer, context: LieContext) => Answer | undefined;

function isRefused(answer: Answer): boolean {
  return typeof answer["error"] === "string";
}

function objectIn(answer: Answer, name: string): JsonObject {
  const value = answer[name];
  return isJsonObject(value) ? value : {};
}

function listIn(answer: Answer, name: string): readonly JsonObject[] {
  const value = answer[name];
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

const notFound: Answer = { error: "txnNotFound", message: "Transaction not found." };

/** For a transaction that it knows or not: it is validated. */
const claimsValidated: Lie = (answer, { command, parameters, chance, validatedIndex }) => {
  if (command !== "tx" || answer["validated"] === true) return undefined;
  const ledgerIndex = validatedIndex - chance.below(3);
  return {
    hash: parameters["transaction"] ?? "",
    ledger_index: ledgerIndex,
    meta: { TransactionResult: "tesSUCCESS", TransactionIndex: 0, AffectedNodes: [] },
    tx_json: { ledger_index: ledgerIndex },
    validated: true,
  };
};

const deniesTransaction: Lie = (answer, { command }) => (command === "tx" && !isRefused(answer) ? notFound : undefined);

const callsItNotValidated: Lie = (answer, { command }) => {
  if (command !== "tx" || answer["validated"] !== true) return undefined;
  const { ledger_index: _, ledger_hash: __, meta: ___, ...rest } = answer;
  return { ...rest, validated: false };
};

const otherResult: Lie = (answer, { command, chance }) => {
  if (command !== "tx" || answer["validated"] !== true) return undefined;
  const result = chance.pick(["tecINSUFF_FEE", "tecNO_DST", "tesSUCCESS"]);
  return { ...answer, meta: { ...objectIn(answer, "meta"), TransactionResult: result } };
};

const otherLedgerOfIt: Lie = (answer, { command, chance }) =>
  command === "tx" && answer["validated"] === true
    ? { ...answer, ledger_index: Number(answer["ledger_index"]) + chance.pick([-2, -1, 1, 2]) }
    : undefined;

const otherSequence: Lie = (answer, { command, chance }) => {
  if (command !== "account_info" || isRefused(answer)) return undefined;
  const data = objectIn(answer, "account_data");
  return {
    ...answer,
    account_data: { ...data, Sequence: Number(data["Sequence"]) + chance.pick([-2, -1, 1, 2, 7]) },
  };
};

/** The account as it was, called the account as it is. */
const olderAccount: Lie = (answer, { command, chance, earlier }) => {
  if (command !== "account_info" || isRefused(answer)) return undefined;
  const before = earlier(chance.between(1, 12));
  return isRefused(before) ? undefined : { ...answer, account_data: before["account_data"] ?? {} };
};

const noAccount: Lie = (answer, { command }) =>
  command === "account_info" && !isRefused(answer)
    ? { error: "actNotFound", message: "Account not found." }
    : undefined;

const hidesTransactions: Lie = (answer, { command, chance }) => {
  const all = listIn(answer, "transactions");
  if (command !== "account_tx" || all.length === 0) return undefined;
  const kept = chance.pick([[], all.slice(1), all.slice(0, -1), all.filter(() => chance.happens(0.5))]);
  return { ...answer, transactions: kept };
};

/** The same transaction with other metadata, or a signature that is not good. */
const forgesHistory: Lie = (answer, { command, chance }) => {
  const all = listIn(answer, "transactions");
  if (command !== "account_tx" || all.length === 0) return undefined;
  const at = chance.below(all.length);
  const altered = all.map((each, place) => {
    if (place !== at) return each;
    const blob = shown(each["tx_blob"]);
    const way = chance.below(3);
    if (way === 0) return { ...each, tx_blob: withFlippedByte(blob, blob.length / 2 - chance.between(1, 40)) };
    if (way === 1) return { ...each, validated: false };
    return { ...each, ledger_index: Number(each["ledger_index"]) + 1 };
  });
  return { ...answer, transactions: altered };
};

function withFlippedByte(hex: string, at: number): string {
  const bytes = fromHex(hex);
  const place = Math.max(0, Math.min(bytes.length - 1, Math.floor(at)));
  bytes[place] = (bytes[place] ?? 0) ^ 0x5a;
  return toHex(bytes).toUpperCase();
}

/** A ledger without one of its transactions; its header stays. */
const leavesOut: Lie = (answer, { command, chance }) => {
  const ledger = objectIn(answer, "ledger");
  const all = listIn(ledger, "transactions");
  if (command !== "ledger" || all.length === 0) return undefined;
  const at = chance.below(all.length);
  return { ...answer, ledger: { ...ledger, transactions: all.toSpliced(at, 1) } };
};

const otherMetadata: Lie = (answer, { command, chance }) => {
  const ledger = objectIn(answer, "ledger");
  const all = listIn(ledger, "transactions");
  if (command !== "ledger" || all.length === 0) return undefined;
  const at = chance.below(all.length);
  return { ...answer, ledger: { ...ledger, transactions: all.with(at, withOtherResult(all[at] ?? {})) } };
};

/** `TransactionResult` is an eight-bit field of metadata: 03 10, then the result. */
function withOtherResult(transaction: JsonObject): JsonObject {
  const name = transaction["meta_blob"] === undefined ? "meta" : "meta_blob";
  const meta = shown(transaction[name]);
  const place = meta.lastIndexOf("0310");
  const result = meta.slice(place + 4, place + 6) === "00" ? "88" : "00";
  return { ...transaction, [name]: `${meta.slice(0, place + 4)}${result}${meta.slice(place + 6)}` };
}

const inflatedIndex: Lie = (answer, { command, parameters, chance }) => {
  const more = chance.pick([1, 5, 40, 1_000_000]);
  if (command === "ledger" && parameters["ledger_index"] === "validated" && !isRefused(answer)) {
    return { ...answer, ledger_index: Number(answer["ledger_index"]) + more };
  }
  if (command === "account_info" && !isRefused(answer))
    return { ...answer, ledger_index: Number(answer["ledger_index"]) + more };
  const place = command === "server_info" ? "info" : command === "server_state" ? "state" : undefined;
  if (place === undefined || isRefused(answer)) return undefined;
  const info = objectIn(answer, place);
  const validated = objectIn(info, "validated_ledger");
  const seq = Number(validated["seq"]) + more;
  return { ...answer, [place]: { ...info, validated_ledger: { ...validated, seq } } };
};

const otherFee: Lie = (answer, { command, chance }) =>
  command === "fee" && !isRefused(answer)
    ? {
        ...answer,
        drops: { ...objectIn(answer, "drops"), open_ledger_fee: chance.pick(["1", "0", "900", "99999999"]) },
      }
    : undefined;

const otherNetwork: Lie = (answer, { command }) => {
  const place = command === "server_info" ? "info" : command === "server_state" ? "state" : undefined;
  if (place === undefined || isRefused(answer)) return undefined;
  return { ...answer, [place]: { ...objectIn(answer, place), network_id: 21_337 } };
};

const rubbish: Lie = (_, { chance }) =>
  chance.pick<Answer>([{}, { ledger: 7 }, { validated: true }, { error: "internal", message: "Internal error." }]);

/** A ledger that holds together: one transaction is gone, or ended otherwise, and the header says so too. */
const forgesLedger: Lie = (answer, { command, chance }) => {
  const ledger = objectIn(answer, "ledger");
  const all = listIn(ledger, "transactions");
  if (command !== "ledger" || all.length === 0) return undefined;
  const at = chance.below(all.length);
  const told = chance.happens(0.5) ? all.toSpliced(at, 1) : all.with(at, withOtherResult(all[at] ?? {}));
  const leaves = told.map((each) => {
    const blob = fromHex(shown(each["tx_blob"]));
    return { key: transactionId(blob), hash: transactionLeaf(blob, fromHex(shown(each["meta_blob"]))) };
  });
  const header = decodeLedgerHeader(fromHex(shown(ledger["ledger_data"])));
  const forged = encodeLedgerHeader({ ...header, transactionRoot: treeRoot(leaves) });
  return { ...answer, ledger: { ...ledger, ledger_data: toHex(forged).toUpperCase(), transactions: told } };
};

/** Lies that contradict what can be computed, or that nothing final may rest on. */
export const plainLies: Readonly<Record<string, Lie>> = {
  "calls it validated": claimsValidated,
  "denies the transaction": deniesTransaction,
  "calls it not validated": callsItNotValidated,
  "another result": otherResult,
  "another ledger of it": otherLedgerOfIt,
  "another Sequence": otherSequence,
  "an older account": olderAccount,
  "no account": noAccount,
  "hides transactions": hidesTransactions,
  "forges the history": forgesHistory,
  "leaves a transaction out": leavesOut,
  "other metadata": otherMetadata,
  "inflated index": inflatedIndex,
  "another fee": otherFee,
  "another network": otherNetwork,
  rubbish,
};

/** Lies that hold together: whoever asks this server alone cannot tell. */
export const consistentLies: Readonly<Record<string, Lie>> = { "forges a ledger": forgesLedger };
