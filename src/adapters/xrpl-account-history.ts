import { decode } from "ripple-binary-codec";
import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { type AnchorTransaction, readTransaction } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { demand, indexIn, metaHex, ofServer } from "./xrpl-answers.ts";
import type { XrplServer } from "./xrpl-rpc.ts";

/** A transaction that touched the account, as a server gave it. Ledger and metadata are its word. */
export interface HistoryEntry {
  /** Upper-case hex. */
  readonly hash: string;
  readonly ledgerIndex: number;
  readonly blob: Uint8Array;
  readonly transaction: AnchorTransaction;
  readonly metaBytes: Uint8Array;
  readonly meta: JsonObject;
}

/** Which history of which account, up to which ledger. */
interface HistoryRange {
  readonly account: string;
  readonly throughIndex: number;
}

/** Pages of 200 transactions that are read at the most. */
const pageLimit = 10_000;

function malformed(server: XrplServer, message: string): SettlementError {
  return new SettlementError("CHAIN_ANSWER_MALFORMED", `account_tx of ${server.endpoint}: ${message}`);
}

function decoded(server: XrplServer, hex: string): JsonObject {
  try {
    return decode(hex) as unknown as JsonObject;
  } catch (cause) {
    throw new SettlementError("CHAIN_ANSWER_MALFORMED", `${server.endpoint} gives metadata that cannot be decoded`, {
      cause,
    });
  }
}

function entryOf(server: XrplServer, value: JsonValue): HistoryEntry | undefined {
  const fields = fieldsOf("CHAIN_ANSWER_MALFORMED", `account_tx of ${server.endpoint}`, value);
  if (fields.object["validated"] !== true) return undefined;
  const blob = fromHex(fields.hex("tx_blob"));
  const meta = metaHex(fields);
  const hash = toHex(transactionId(blob)).toUpperCase();
  return {
    hash,
    ledgerIndex: indexIn(fields, "ledger_index"),
    blob,
    transaction: ofServer(server, `transaction ${hash}`, () => readTransaction(blob)),
    metaBytes: fromHex(meta),
    meta: decoded(server, meta),
  };
}

/**
 * Validated transactions that touched an account, newest first, page by page. Each page has to add something and each
 * marker has to be a new one; a page that adds nothing is the last, whatever marker it bears.
 *
 * @throws SettlementError `CHAIN_ANSWER_MALFORMED`, `CHAIN_UNREACHABLE`
 */
async function* accountHistory(
  server: XrplServer,
  { account, throughIndex }: HistoryRange,
): AsyncGenerator<HistoryEntry> {
  const markers = new Set<string>();
  let marker: JsonValue | undefined;
  let lowest = throughIndex;
  // Some servers begin a page with the entry that ended the one before.
  let ofLowest = new Set<string>();
  do {
    if (markers.size >= pageLimit)
      throw malformed(server, `the history of ${account} does not end after ${pageLimit} pages`);
    const page = await demand(server, "account_tx", {
      account,
      ledger_index_min: -1,
      ledger_index_max: throughIndex,
      binary: true,
      forward: false,
      limit: 200,
      ...(marker === undefined ? {} : { marker }),
    });
    let added = 0;
    for (const value of page.list("transactions", 1000)) {
      const entry = entryOf(server, value);
      if (!entry || (entry.ledgerIndex === lowest && ofLowest.has(entry.hash))) continue;
      if (entry.ledgerIndex > lowest)
        throw malformed(server, `transaction ${entry.hash} of ledger ${entry.ledgerIndex} comes out of order`);
      if (entry.ledgerIndex < lowest) ofLowest = new Set();
      ofLowest.add(entry.hash);
      lowest = entry.ledgerIndex;
      added++;
      yield entry;
    }
    marker = added === 0 ? undefined : page.object["marker"];
    const text = JSON.stringify(marker);
    if (text !== undefined && markers.has(text)) throw malformed(server, "the same page comes again and again");
    if (text !== undefined) markers.add(text);
  } while (marker !== undefined);
}

/** What a transaction did to the account's own entry: made it, or changed it after another transaction. */
type Link =
  | { readonly kind: "created"; readonly sequence: number }
  | { readonly kind: "modified"; readonly before: string | undefined }
  | undefined;

function linkOf(meta: JsonObject, account: string): Link {
  const nodes = Array.isArray(meta["AffectedNodes"]) ? (meta["AffectedNodes"] as readonly JsonValue[]) : [];
  for (const node of nodes.filter(isJsonObject)) {
    for (const [kind, change] of Object.entries(node)) {
      if (!isJsonObject(change) || change["LedgerEntryType"] !== "AccountRoot") continue;
      const fields = change["FinalFields"] ?? change["NewFields"];
      if (!isJsonObject(fields) || fields["Account"] !== account) continue;
      if (kind === "CreatedNode") return { kind: "created", sequence: Number(fields["Sequence"] ?? 0) };
      const before = change["PreviousTxnID"];
      return { kind: "modified", before: typeof before === "string" ? before : undefined };
    }
  }
  return undefined;
}

/** An account's history of its own. */
export interface OwnHistory {
  /** Oldest first. */
  readonly own: readonly HistoryEntry[];
  /** Where it begins; undefined for an account that was there before the first transaction. */
  readonly beginning?: { readonly entry: HistoryEntry; readonly sequence: number };
}

/**
 * The account's own transactions, proven whole by the chain of its entry's changes: each transaction that
 * changed it names the one before, back to the one that created it.
 *
 * @param newest - the last transaction that changed the account
 * @throws SettlementError `ANCHOR_HISTORY_INCOMPLETE`, `CHAIN_ANSWER_REFUTED`, `CHAIN_ANSWER_MALFORMED`, `CHAIN_UNREACHABLE`
 */
export async function ownHistory(
  server: XrplServer,
  range: HistoryRange,
  newest: string | undefined,
): Promise<OwnHistory> {
  const own: HistoryEntry[] = [];
  let beginning: OwnHistory["beginning"];
  let beside: string | undefined;
  let expected = newest;
  for await (const entry of accountHistory(server, range)) {
    const isOwn = entry.transaction.account === range.account;
    const link = entry.hash === expected ? linkOf(entry.meta, range.account) : undefined;
    if (link) expected = link.kind === "created" ? undefined : link.before;
    if (link?.kind === "created") beginning = { entry, sequence: link.sequence };
    if (isOwn && link) own.push(entry);
    else if (isOwn) beside = entry.hash;
  }
  if (expected === undefined && beside === undefined)
    return { own: own.toReversed(), ...(beginning ? { beginning } : {}) };
  if (expected === undefined) {
    throw new SettlementError(
      "CHAIN_ANSWER_REFUTED",
      `${server.endpoint} gives transaction ${beside ?? ""} of ${range.account}, which none of the account's changes follows`,
    );
  }
  throw new SettlementError(
    "ANCHOR_HISTORY_INCOMPLETE",
    `${server.endpoint} does not have the whole history of ${range.account}: transaction ${expected} is missing. Ask a server with full history, or an earlier anchor may be repeated`,
  );
}
