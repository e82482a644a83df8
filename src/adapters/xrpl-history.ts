import { decode } from "ripple-binary-codec";
import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { readAnchorMemos } from "../core/memo.ts";
import { readTransaction } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { demand } from "./xrpl-answers.ts";
import type { XrplRpc } from "./xrpl-rpc.ts";

interface HistoryEntry {
  readonly hash: string;
  readonly ledgerIndex: number;
  readonly blob: Uint8Array;
  readonly meta: JsonObject;
}

/** Validated transactions that touched the account, newest first. */
async function* history(rpc: XrplRpc, account: string): AsyncGenerator<HistoryEntry> {
  let marker: JsonValue | undefined;
  do {
    const page = await demand(rpc, "account_tx", {
      account,
      ledger_index_min: -1,
      ledger_index_max: -1,
      binary: true,
      forward: false,
      limit: 200,
      ...(marker === undefined ? {} : { marker }),
    });
    for (const value of page.list("transactions")) {
      const fields = fieldsOf("CHAIN_ANSWER_MALFORMED", "account_tx.transactions", value);
      if (fields.object["validated"] !== true) continue;
      const blob = fromHex(fields.hex("tx_blob"));
      const meta = decode(fields.hex(fields.has("meta_blob") ? "meta_blob" : "meta")) as unknown as JsonObject;
      const hash = toHex(transactionId(blob)).toUpperCase();
      yield { hash, ledgerIndex: fields.count("ledger_index", 0xffff_ffff), blob, meta };
    }
    marker = page.object["marker"];
  } while (marker !== undefined);
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

function anchors(entry: HistoryEntry, account: string, manifestHash: string): boolean {
  if (entry.meta["TransactionResult"] !== "tesSUCCESS") return false;
  try {
    const { account: by, memos } = readTransaction(entry.blob);
    return by === account && readAnchorMemos(memos)?.manifest.manifestHash === manifestHash;
  } catch (error) {
    // A memo of ours that is malformed anchors nothing; other transactions of the account are no business of this.
    if (error instanceof SettlementError) return false;
    throw error;
  }
}

/**
 * Looks through the whole validated history of the account for the transaction that anchors a manifest.
 *
 * The history is known to be whole by following the account entry's own chain: each transaction that changed it names
 * the one before, back to the one that created it. A server that forgot some cannot hide that.
 *
 * @throws SettlementError `ANCHOR_HISTORY_INCOMPLETE`, `CHAIN_UNREACHABLE`
 */
export async function findAnchorInHistory(
  rpc: XrplRpc,
  account: string,
  manifestHash: string,
): Promise<{ hash: string; ledgerIndex: number } | undefined> {
  const info = await demand(rpc, "account_info", { account, ledger_index: "validated" });
  const root = info.reader("account_data");
  let expected: string | undefined = root.has("PreviousTxnID") ? root.text("PreviousTxnID", 64) : undefined;
  let found: { hash: string; ledgerIndex: number } | undefined;
  for await (const entry of history(rpc, account)) {
    if (anchors(entry, account, manifestHash)) found = { hash: entry.hash, ledgerIndex: entry.ledgerIndex };
    const link = entry.hash === expected ? linkOf(entry.meta, account) : undefined;
    if (link) expected = link.kind === "created" ? undefined : link.before;
  }
  if (expected !== undefined) {
    throw new SettlementError(
      "ANCHOR_HISTORY_INCOMPLETE",
      `${rpc.endpoint()} does not have the whole history of ${account}: transaction ${expected} is missing. Ask a server with full history, or an earlier anchor may be repeated`,
    );
  }
  return found;
}
