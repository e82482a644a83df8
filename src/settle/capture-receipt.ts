import { equalBytes, fromHex, toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import { type NoteSigner, makeVkey, signNote } from "../core/note.ts";
import { type Receipt, receiptJson, statementText } from "../core/receipt.ts";
import { ledgerOrigin, monthOrigin } from "../core/settlement-info.ts";
import { parseOrigin } from "../core/checkpoint.ts";
import { type ClosedClaim, receiptLayers } from "../core/verify-receipt.ts";
import { readTransaction } from "../core/xrpl/anchor-transaction.ts";
import { treePath } from "../core/xrpl/shamap.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { type LedgerBytes, wholeLedger } from "../core/xrpl/whole-ledger.ts";
import type { Archive, Chain } from "../ports.ts";
import { publishedJson } from "./published-json.ts";

export interface CaptureDeps {
  readonly chain: Chain;
  readonly archive: Archive;
  /** The settlement key, which states what was seen. */
  readonly key: Omit<NoteSigner, "name">;
  readonly verify: VerifySignature;
}

/** A server's answer that contradicts itself is worth no receipt. */
function refuted(message: string): never {
  throw new SettlementError("CHAIN_ANSWER_REFUTED", message);
}

/**
 * Fetches the ledger that holds an anchor, recomputes every hash of it, and writes the receipt.
 *
 * @throws SettlementError `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_REFUTED`, `ARCHIVE_CONFLICT`
 */
export async function captureReceipt(
  claim: ClosedClaim,
  anchor: { readonly hash: string; readonly ledgerIndex: number },
  deps: CaptureDeps,
): Promise<Receipt> {
  const { chain, archive, key, verify } = deps;
  const [captured, { networkId }] = await Promise.all([chain.capture(anchor.ledgerIndex), chain.status()]);
  const receipt = makeReceipt(claim, anchor, captured, { network: chain.network, networkId, key });
  const vkey = makeVkey(claim.evidence.o, key.publicKey);
  const bad = receiptLayers(receipt, claim, { logs: [vkey], accounts: [] }, verify).find(
    ({ status }) => status === "fail",
  );
  if (bad) refuted(`ledger ${anchor.ledgerIndex} does not make a receipt, ${bad.layer}: ${bad.detail}`);
  await archive.write(receipt.month, "receipt.json", publishedJson(receiptJson(receipt)));
  return receipt;
}

function makeReceipt(
  { manifest, evidence }: ClosedClaim,
  anchor: { readonly hash: string; readonly ledgerIndex: number },
  captured: LedgerBytes,
  { network, networkId, key }: { network: string; networkId: number; key: Omit<NoteSigner, "name"> },
): Receipt {
  const { header, leaves } = wholeLedger(captured);
  if (header.index !== anchor.ledgerIndex)
    refuted(`asked for ledger ${anchor.ledgerIndex}, the header is of ${header.index}`);
  const id = fromHex(anchor.hash);
  const own = captured.transactions.find(({ blob }) => equalBytes(transactionId(blob), id));
  if (!own)
    return refuted(
      `ledger ${header.index} does not hold transaction ${anchor.hash}, though the server called it validated there`,
    );
  const { host } = parseOrigin(evidence.o);
  const text = statementText(monthOrigin(host, manifest.partitionId), toHex(id).toUpperCase(), header);
  return {
    network,
    networkId,
    month: manifest.partitionId,
    manifestHash: manifest.manifestHash,
    account: readTransaction(own.blob).account,
    blob: own.blob,
    meta: own.meta,
    path: treePath(leaves, id),
    header,
    statement: signNote(text, { name: ledgerOrigin(host), ...key }),
  };
}
