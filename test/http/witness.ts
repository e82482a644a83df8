import { encode } from "ripple-binary-codec";
import { Wallet } from "xrpl";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { anchorMemos } from "../../src/core/memo.ts";
import { localNetworkId } from "../../src/core/network.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { buildXpop } from "../../src/core/xrpl/build-xpop.ts";
import { parseValidatorList } from "../../src/core/xrpl/validator-list.ts";
import { wholeLedger, type LedgerBytes } from "../../src/core/xrpl/whole-ledger.ts";
import { validatorSet } from "../../src/localnet/validators/validator-set.ts";
import { publishedJson } from "../../src/settle/published-json.ts";
import { encodeLedgerHeader } from "../../src/core/xrpl/ledger-header.ts";
import { transactionLeaf, treeRoot } from "../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import type { Archive, Chain, SignedAnchor } from "../../src/ports.ts";
import { captureReceipt } from "../../src/settle/capture-receipt.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { nodeVerify, settlementKey, throwawaySeed } from "./sample-ledger.ts";

const wallet = Wallet.fromEntropy(throwawaySeed("account").slice(0, 16));
export const anchorAccount = wallet.classicAddress;
const ledgerIndex = 4242;

/** Signs the memos of a closed month as an AccountSet of the local network. */
export async function signAnchor(archive: Archive, month: string): Promise<SignedAnchor> {
  const { manifest, evidence } = await readClosed(archive, month);
  const Memos = anchorMemos(manifest, evidence).map(({ type, format, data }) => ({
    Memo: { MemoType: toHex(type), MemoFormat: toHex(format), MemoData: toHex(data) },
  }));
  const { hash, tx_blob: blob } = wallet.sign({
    TransactionType: "AccountSet",
    Account: anchorAccount,
    NetworkID: localNetworkId,
    Fee: "12",
    Sequence: 7,
    LastLedgerSequence: 4300,
    Memos,
  });
  const facts = { sequence: 7, lastLedgerSequence: 4300, signedAtIndex: 4200, feeDrops: 12 };
  return { network: "local", networkId: localNetworkId, account: anchorAccount, hash, blob, ...facts };
}

/** A ledger that holds this one transaction. */
function ledgerWith({ blob }: SignedAnchor): LedgerBytes {
  const meta = fromHex(encode({ TransactionIndex: 0, TransactionResult: "tesSUCCESS", AffectedNodes: [] }));
  const transaction = { blob: fromHex(blob), meta };
  const leaf = { key: transactionId(transaction.blob), hash: transactionLeaf(transaction.blob, meta) };
  const header = encodeLedgerHeader({
    index: ledgerIndex,
    totalDrops: 99_999_999_999_999_988n,
    parentHash: new Uint8Array(32).fill(1),
    transactionRoot: treeRoot([leaf]),
    stateRoot: new Uint8Array(32).fill(2),
    parentCloseTimeRippleS: 828_000_000,
    closeTimeRippleS: 828_000_010,
    closeResolutionS: 10,
    closeFlags: 0,
  });
  return { header, transactions: [transaction] };
}

/** Writes the receipt of a closed month: its anchor stands in a ledger made for it, of which every hash is right. */
export async function witness(archive: Archive, month: string): Promise<SignedAnchor> {
  const anchor = await signAnchor(archive, month);
  const chain = {
    network: "local",
    capture: () => Promise.resolve(ledgerWith(anchor)),
    status: () => Promise.resolve({ networkId: localNetworkId }),
  } as unknown as Chain;
  const claim = await readClosed(archive, month);
  const place = { hash: anchor.hash, ledgerIndex };
  await captureReceipt(claim, place, { chain, archive, key: settlementKey, verify: nodeVerify });
  await archive.write(month, "xpop.json", publishedJson(xpopOf(anchor)));
  return anchor;
}

const validators = validatorSet({ count: 3, seed: "throwaway validators" }, 828_000_000);
export const listPublisher = { publicKey: validators.publisher, network: "local" } as const;

/** Three validators that are made for it sign the ledger. */
function xpopOf(anchor: SignedAnchor): JsonObject {
  const ledger = ledgerWith(anchor);
  const closed = { index: ledgerIndex, hash: toHex(wholeLedger(ledger).hash).toUpperCase(), header: ledger.header };
  return buildXpop({
    ledger,
    transaction: fromHex(anchor.hash),
    validations: validators.validationsOf(closed).map(({ data }) => data),
    list: parseValidatorList(validators.list as unknown as JsonObject),
  });
}
