import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "ripple-binary-codec";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { isRefusal, type XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { openLedger } from "../../src/compose.ts";
import { fast } from "../../src/compose-judging.ts";
import { bundleJson } from "../../src/core/bundle.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { judgeProof } from "../../src/core/judge-proof.ts";
import type { Month } from "../../src/core/month.ts";
import { readAnchorMemos } from "../../src/core/memo.ts";
import { parseVkey } from "../../src/core/note.ts";
import type { Trust } from "../../src/core/trust.ts";
import { receiptLayers } from "../../src/core/verify-receipt.ts";
import { readTransaction } from "../../src/core/xrpl/anchor-transaction.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { monthProver } from "../../src/settle/prove-inclusion.ts";
import { publishedJson } from "../../src/settle/published-json.ts";
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

/**
 * What is wrong after a year was settled: nothing, when each month has one anchor, a receipt that verifies, and validators'
 * signatures that prove every event of it.
 *
 * @param publishers - of the network's validator list
 */
export async function faultsOfYear(
  ledger: string,
  rpc: XrplServer,
  account: string,
  publishers: Trust["publishers"],
): Promise<readonly string[]> {
  const faults = await faultsOfMonths(ledger, yearMonths, await anchoredBy(rpc, account), account);
  return faults.length > 0 ? faults : faultsOfProofs(ledger, { ...trustOf(ledger, account), publishers });
}

/** What a verifier pins of a node on a local network. */
function trustOf(ledger: string, account: string): Pick<Trust, "logs" | "accounts"> {
  const settlement = JSON.parse(readFileSync(join(ledger, "settlement.json"), "utf8")) as { readonly key: string };
  return { logs: [parseVkey(settlement.key)], accounts: [{ network: "local", account }] };
}

/** What a stranger finds wrong with the proofs of a ledger: nothing, when each event's is proven, as is each bare XPOP. */
async function faultsOfProofs(ledger: string, trust: Trust): Promise<readonly string[]> {
  const open = await openLedger(ledger);
  const view = await readLedgerView(open);
  const { partitions } = view;
  const faults: string[] = [];
  for (const partition of partitions) {
    const { month, events } = partition;
    const xpop = await open.archive.read(month, "xpop.json");
    if (!xpop) {
      faults.push(`${month} has no xpop.json`);
      continue;
    }
    const prover = await monthProver(view, partition, { ...open, ...fast });
    const proofs = Array.from({ length: events.count }, async (_, leaf) => bundleJson(await prover.prove(leaf)));
    const bundles = (await Promise.all(proofs)).map(publishedJson);
    for (const proof of [xpop, ...bundles]) {
      const { verdict, summary } = judgeProof(proof, trust, nodeVerify);
      if (verdict !== "proven") faults.push(`${month} is ${verdict}: ${summary}`);
    }
  }
  return partitions.length === yearMonths.length ? faults : [...faults, `there are ${partitions.length} months`];
}

/** What is wrong with months that were settled. @param anchored - manifest hashes that the account anchored, each as often as it did */
export async function faultsOfMonths(
  ledger: string,
  months: readonly Month[],
  anchored: readonly string[],
  account: string,
): Promise<readonly string[]> {
  const archive = archiveFolder(ledger);
  const trust = trustOf(ledger, account);
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
