import { decode } from "ripple-binary-codec";
import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { type AnchorClaim, readAnchorMemos } from "../core/memo.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import { readTransaction } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import type { AnchorHistory } from "../ports.ts";
import { demand } from "./xrpl-answers.ts";
import { usedSequences } from "./xrpl-own-transactions.ts";
import type { XrplRpc } from "./xrpl-rpc.ts";

interface HistoryEntry {
  readonly hash: string;
  readonly ledgerIndex: number;
  readonly blob: Uint8Array;
  readonly meta: JsonObject;
}

/** Pages of 200 transactions that are read at the most. */
const pageLimit = 10_000;

function malformed(message: string): SettlementError {
  return new SettlementError("CHAIN_ANSWER_MALFORMED", message);
}

function decoded(hex: string): JsonObject {
  try {
    return decode(hex) as unknown as JsonObject;
  } catch (cause) {
    throw new SettlementError("CHAIN_ANSWER_MALFORMED", "account_tx gives metadata that cannot be decoded", { cause });
  }
}

/** Validated transactions that touched the account, newest first. */
async function* history(rpc: XrplRpc, account: string, throughIndex: number): AsyncGenerator<HistoryEntry> {
  let marker: JsonValue | undefined;
  for (let pages = 0; pages === 0 || marker !== undefined; pages++) {
    if (pages >= pageLimit) throw malformed(`the history of ${account} does not end after ${pageLimit} pages`);
    const page = await demand(rpc, "account_tx", {
      account,
      ledger_index_min: -1,
      ledger_index_max: throughIndex,
      binary: true,
      forward: false,
      limit: 200,
      ...(marker === undefined ? {} : { marker }),
    });
    for (const value of page.list("transactions")) {
      const fields = fieldsOf("CHAIN_ANSWER_MALFORMED", "account_tx.transactions", value);
      if (fields.object["validated"] !== true) continue;
      const blob = fromHex(fields.hex("tx_blob"));
      const meta = decoded(fields.hex(fields.has("meta_blob") ? "meta_blob" : "meta"));
      const hash = toHex(transactionId(blob)).toUpperCase();
      yield { hash, ledgerIndex: fields.count("ledger_index", 0xffff_ffff), blob, meta };
    }
    const following = page.object["marker"];
    if (following !== undefined && JSON.stringify(following) === JSON.stringify(marker))
      throw malformed("account_tx gives the same page again and again");
    marker = following;
  }
}

/** What a transaction did to the account's own entry: made it, or changed it after another transaction. */
type Link =
  | { readonly kind: "created" }
  | { readonly kind: "modified"; readonly before: string | undefined }
  | undefined;

function linkOf(meta: JsonObject, account: string): Link {
  const nodes = Array.isArray(meta["AffectedNodes"]) ? (meta["AffectedNodes"] as readonly JsonValue[]) : [];
  for (const node of nodes.filter(isJsonObject)) {
    for (const [kind, change] of Object.entries(node)) {
      if (!isJsonObject(change) || change["LedgerEntryType"] !== "AccountRoot") continue;
      const fields = change["FinalFields"] ?? change["NewFields"];
      if (!isJsonObject(fields) || fields["Account"] !== account) continue;
      if (kind === "CreatedNode") return { kind: "created" };
      const before = change["PreviousTxnID"];
      return { kind: "modified", before: typeof before === "string" ? before : undefined };
    }
  }
  return undefined;
}

/** The claim a successful transaction of the account makes; undefined for any other transaction. */
function claimIn(entry: HistoryEntry, account: string): AnchorClaim | undefined {
  if (entry.meta["TransactionResult"] !== "tesSUCCESS") return undefined;
  try {
    const { account: by, memos } = readTransaction(entry.blob);
    return by === account ? readAnchorMemos(memos) : undefined;
  } catch (error) {
    // A memo of ours that is malformed anchors nothing; other transactions of the account are no business of this.
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

function isOwn(entry: HistoryEntry, account: string): boolean {
  return readTransaction(entry.blob).account === account;
}

/** Entries of the account's history, newest first, proven whole by the chain of its entry's changes. */
async function wholeHistory(
  rpc: XrplRpc,
  account: string,
  { last, throughIndex }: { readonly last: string | undefined; readonly throughIndex: number },
): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  let expected = last;
  for await (const entry of history(rpc, account, throughIndex)) {
    entries.push(entry);
    const link = entry.hash === expected ? linkOf(entry.meta, account) : undefined;
    if (link) expected = link.kind === "created" ? undefined : link.before;
  }
  if (expected === undefined) return entries;
  throw new SettlementError(
    "ANCHOR_HISTORY_INCOMPLETE",
    `${rpc.endpoint()} does not have the whole history of ${account}: transaction ${expected} is missing. Ask a server with full history, or an earlier anchor may be repeated`,
  );
}

/**
 * Looks through the whole validated history of the account for the transaction that anchors a manifest.
 *
 * The history is known to be whole by following the account entry's own chain: each transaction that changed it names
 * the one before, back to the one that created it. A server that forgot some cannot hide that, and it cannot invent one
 * either, since each of the account's own is checked for its signature and its Sequence.
 *
 * @param ownKey - address of the key this node signs with
 * @throws SettlementError `ANCHOR_HISTORY_INCOMPLETE`, `ANCHOR_CONFLICT`, `CHAIN_ANSWER_REFUTED`, `CHAIN_UNREACHABLE`
 */
export async function readAnchorHistory(
  rpc: XrplRpc,
  { account, ownKey }: { readonly account: string; readonly ownKey: string },
  { manifest, evidence }: ClosedClaim,
): Promise<AnchorHistory> {
  const info = await demand(rpc, "account_info", { account, ledger_index: "validated" });
  const root = info.reader("account_data");
  const last = root.has("PreviousTxnID") ? root.text("PreviousTxnID", 64) : undefined;
  const entries = (
    await wholeHistory(rpc, account, { last, throughIndex: info.count("ledger_index", 0xffff_ffff) })
  ).toReversed();
  const own = entries.filter((entry) => isOwn(entry, account));
  const facts = own.map(({ hash, blob, meta }) => ({
    hash,
    blob,
    succeeded: meta["TransactionResult"] === "tesSUCCESS",
  }));
  const { used, next } = usedSequences(facts, account, ownKey);
  const stated = root.count("Sequence", 0xffff_ffff);
  if (next !== undefined && next !== stated) {
    throw new SettlementError(
      "CHAIN_ANSWER_REFUTED",
      `${rpc.endpoint()} says Sequence ${stated} for ${account}, its own transactions leave ${next}`,
    );
  }
  const claims = own.map((entry) => ({ entry, claim: claimIn(entry, account) }));
  const found = claims.find(({ claim }) => claim?.manifest.manifestHash === manifest.manifestHash)?.entry;
  const rival = claims.find(
    ({ claim }) => claim?.evidence?.o === evidence.o && claim.manifest.partitionId === manifest.partitionId,
  );
  if (!found && rival) {
    throw new SettlementError(
      "ANCHOR_CONFLICT",
      `${manifest.partitionId} of ${evidence.o} was anchored already, by transaction ${rival.entry.hash} with manifest ${rival.claim?.manifest.manifestHash ?? ""}, not ${manifest.manifestHash}; the ledger was closed again differently and a human has to decide`,
    );
  }
  return {
    ...(found ? { found: { hash: found.hash, ledgerIndex: found.ledgerIndex } } : {}),
    nextSequence: stated,
    used,
  };
}
