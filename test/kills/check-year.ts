import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "ripple-binary-codec";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { isRefusal, type XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { fromHex } from "../../src/core/bytes.ts";
import type { Month } from "../../src/core/month.ts";
import { readAnchorMemos } from "../../src/core/memo.ts";
import { parseVkey } from "../../src/core/note.ts";
import { receiptLayers } from "../../src/core/verify-receipt.ts";
import { readTransaction } from "../../src/core/xrpl/anchor-transaction.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { yearMonths } from "../support/year-ledger.ts";

/** Manifest hashes that an account anchored successfully, each as often as it did. */
async function anchoredBy(rpc: XrplServer, account: string): Promise<readonly string[]> {
  const answer = await rpc.request("account_tx", { account, ledger_index_min: -1, limit: 400, binary: true });
  if (isRefusal(answer)) throw new Error(answer.message);
  const entries = answer["transactions"] as readonly { tx_blob: string; meta_blob: string; validated: boolean }[];
  return entries.flatMap(({ tx_blob, meta_blob, validated }) => {
    const { TransactionResult } = decode(meta_blob);
    if (!validated || TransactionResult !== "tesSUCCESS") return [];
    const { account: by, memos } = readTransaction(fromHex(tx_blob));
    const claim = by === account && memos.length > 0 ? readAnchorMemos(memos) : undefined;
    return claim ? [claim.manifest.manifestHash] : [];
  });
}

/** What is wrong after a year was settled: nothing, when each month has one anchor and a receipt that verifies. */
export async function faultsOfYear(ledger: string, rpc: XrplServer, account: string): Promise<readonly string[]> {
  return faultsOfMonths(ledger, yearMonths, await anchoredBy(rpc, account), account);
}

/** What is wrong with months that were settled. @param anchored - manifest hashes that the account anchored, each as often as it did */
export async function faultsOfMonths(
  ledger: string,
  months: readonly Month[],
  anchored: readonly string[],
  account: string,
): Promise<readonly string[]> {
  const archive = archiveFolder(ledger);
  const settlement = JSON.parse(readFileSync(join(ledger, "settlement.json"), "utf8")) as { key: string };
  const trust = { logs: [parseVkey(settlement.key)], accounts: [{ network: "local", account }] };
  const faults: string[] = [];
  const hashes = new Set<string>();
  for (const month of months) {
    const { manifest, evidence, receipt } = await readClosed(archive, month);
    hashes.add(manifest.manifestHash);
    const times = anchored.filter((hash) => hash === manifest.manifestHash).length;
    if (times !== 1) faults.push(`${month} has ${times} anchors`);
    if (!receipt) {
      faults.push(`${month} has no receipt`);
      continue;
    }
    for (const { layer, status, detail } of receiptLayers(receipt, { manifest, evidence }, trust, nodeVerify)) {
      if (status !== "pass" && layer !== "validators") faults.push(`${month} ${layer}: ${detail}`);
    }
  }
  const others = anchored.filter((hash) => !hashes.has(hash));
  return others.length === 0 ? faults : [...faults, `${others.length} anchors are of no month of the ledger`];
}
