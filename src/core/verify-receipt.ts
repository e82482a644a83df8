import { equalBytes, toHex } from "./bytes.ts";
import { SettlementError } from "./error.ts";
import type { Evidence } from "./evidence.ts";
import type { Manifest } from "./manifest.ts";
import { readAnchorMemos } from "./memo.ts";
import { openNote, type Vkey } from "./note.ts";
import { type Receipt, statementText } from "./receipt.ts";
import type { Trust } from "./trust.ts";
import { checkAccount } from "./account-pin.ts";
import { ledgerOrigin, monthOrigin } from "./settlement-info.ts";
import type { VerifySignature } from "./ed25519.ts";
import { parseOrigin } from "./checkpoint.ts";
import { type Check, type Layer, layer } from "./verdict.ts";
import { accountSetType, readMetadata, readTransaction, resultText } from "./xrpl/anchor-transaction.ts";
import { closeTimeText } from "./xrpl/close-time.ts";
import { ledgerHash } from "./xrpl/ledger-header.ts";
import { rootFromTreePath, transactionLeaf } from "./xrpl/shamap.ts";
import { transactionId } from "./xrpl/transaction-id.ts";

/** What was closed: the manifest and the evidence beside it. */
export interface ClosedClaim {
  readonly manifest: Manifest;
  readonly evidence: Evidence;
}

function refuse(message: string): never {
  throw new SettlementError("RECEIPT_REFUTED", message);
}

/** The memos of the transaction say what was closed, each member. */
export function checkMemos(receipt: Receipt, { manifest, evidence }: ClosedClaim): Check {
  const claim = readAnchorMemos(readTransaction(receipt.blob).memos);
  if (!claim) return refuse("the transaction holds no anchor memo");
  if (claim.manifest.manifestHash !== manifest.manifestHash || receipt.manifestHash !== manifest.manifestHash) {
    refuse(`the memo anchors the manifest ${claim.manifest.manifestHash}, not ${manifest.manifestHash}`);
  }
  const members = ["p", "d", "k", "o", "s", "l"] as const;
  const other = members.find((name) => claim.evidence?.[name] !== evidence[name]);
  if (other !== undefined)
    refuse(
      `the evidence memo says ${other} = ${claim.evidence?.[other] ?? "nothing"}, the evidence says ${evidence[other]}`,
    );
  return {
    pass: `the memos carry root ${manifest.root}, manifest ${manifest.manifestHash} and the evidence of ${manifest.partitionId}`,
  };
}

/** A transaction as a ledger holds it, and the id of the network that ledger is of. */
export type HeldTransaction = Pick<Receipt, "blob" | "meta" | "networkId">;

/**
 * The account that anchored: of an AccountSet that succeeded, on the stated network.
 *
 * @throws SettlementError `RECEIPT_REFUTED`
 */
export function anchoringAccount({ blob, meta, networkId }: HeldTransaction): string {
  const transaction = readTransaction(blob);
  const metadata = readMetadata(meta);
  const hash = toHex(transactionId(blob)).toUpperCase();
  if (transaction.transactionType !== accountSetType) refuse(`transaction ${hash} is not an AccountSet`);
  if (metadata.transactionResult !== 0) refuse(`transaction ${hash} did not succeed: ${resultText(metadata)}`);
  // Up to 1024 a transaction must not name its network, above it must.
  const expected = networkId > 1024 ? networkId : undefined;
  if (transaction.networkId !== expected) {
    refuse(`transaction ${hash} names the network ${transaction.networkId ?? "none"}, the ledger is of ${networkId}`);
  }
  return transaction.account;
}

/** The transaction is the stated account's, and anchors. */
export function checkTransaction(receipt: Receipt): Check {
  const account = anchoringAccount(receipt);
  const hash = toHex(transactionId(receipt.blob)).toUpperCase();
  if (account !== receipt.account) refuse(`transaction ${hash} is by ${account}, the receipt says ${receipt.account}`);
  return { pass: `${hash}, AccountSet by ${account}, tesSUCCESS` };
}

/** The transaction and its metadata are in the tree whose root the header holds; the header hashes to the ledger hash. */
export function checkLedger(receipt: Receipt): Check {
  const { header } = receipt;
  const root = rootFromTreePath(receipt.path, transactionId(receipt.blob), transactionLeaf(receipt.blob, receipt.meta));
  if (!equalBytes(root, header.transactionRoot))
    refuse(`the path ends in ${toHex(root)}, the header of ledger ${header.index} holds another transaction root`);
  return { pass: `ledger ${header.index}, hash ${toHex(ledgerHash(header)).toUpperCase()}, ${closeTimeText(header)}` };
}

/** A pinned settlement key says it saw this transaction in this validated ledger. */
export function checkStatement(
  receipt: Receipt,
  { evidence }: ClosedClaim,
  logs: readonly Vkey[],
  verify?: VerifySignature,
): Check {
  const { host } = parseOrigin(evidence.o);
  const pinned = logs.filter(({ name }) => name === ledgerOrigin(host));
  if (pinned.length === 0)
    return {
      unproven: `no settlement key of ${ledgerOrigin(host)} is pinned, so nobody known says that a server validated this`,
    };
  const { text } = openNote(receipt.statement, pinned, verify);
  const expected = statementText(
    monthOrigin(host, receipt.month),
    toHex(transactionId(receipt.blob)).toUpperCase(),
    receipt.header,
  );
  if (text !== expected) refuse("the settlement key signed a statement about another transaction or ledger");
  return { pass: `signed by ${ledgerOrigin(host)}: an XRPL server called this transaction validated` };
}

/** The layers that a receipt adds to what was closed; what validators signed stands in an XPOP beside it. */
export function receiptLayers(
  receipt: Receipt,
  claim: ClosedClaim,
  { logs, accounts }: Pick<Trust, "logs" | "accounts">,
  verify?: VerifySignature,
): Layer[] {
  return [
    layer("memo", () => checkMemos(receipt, claim)),
    layer("transaction", () => checkTransaction(receipt)),
    layer("account", () => checkAccount(receipt.network, receipt.account, accounts)),
    layer("ledger", () => checkLedger(receipt)),
    layer("statement", () => checkStatement(receipt, claim, logs, verify)),
  ];
}
