import { equalBytes, fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { anchorMemos, memoText } from "../core/memo.ts";
import type { Month } from "../core/month.ts";
import { isIdOfNetwork } from "../core/network.ts";
import type { Receipt } from "../core/receipt.ts";
import { makeVkey } from "../core/note.ts";
import { type ClosedClaim, receiptLayers } from "../core/verify-receipt.ts";
import { readMetadata, resultText } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { wholeLedger } from "../core/xrpl/whole-ledger.ts";
import type { AnchorHistory, Archive, Attempt, Attempts, Chain, ChainStatus, SignedAnchor } from "../ports.ts";
import { captureReceipt, type CaptureDeps } from "./capture-receipt.ts";
import { readClosed } from "./read-closed.ts";
import { recheckClosed, type RecheckDeps } from "./recheck-closed.ts";

export interface AnchorPassDeps extends CaptureDeps, Pick<RecheckDeps, "ledger" | "sha256" | "newDigest" | "newLogs"> {
  readonly chain: Chain;
  readonly attempts: Attempts;
  readonly archive: Archive;
}

export interface AnchorDeps extends AnchorPassDeps {
  /** Waits before the next look. It rejects when the caller gives up; what was sent stays stored. */
  readonly pause: () => Promise<void>;
  /** Looks before the outcome is called unknown. */
  readonly patience: number;
}

/** What anchoring a month would do now, nothing done. */
export interface AnchorPlan extends ClosedClaim {
  readonly status: ChainStatus;
  /** The two memos as texts, anchor first. */
  readonly memos: readonly string[];
  /** An anchor that is validated already, or an attempt under way. */
  readonly found?: string;
}

async function requireChain(chain: Chain, { manifest }: ClosedClaim): Promise<ChainStatus> {
  if (manifest.network !== chain.network) {
    throw new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `${manifest.partitionId} was closed for ${manifest.network}, the configured network is ${chain.network}`,
    );
  }
  const status = await chain.status();
  if (!isIdOfNetwork(chain.network, status.networkId)) {
    throw new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `the server ${status.server} is of network ${status.networkId}, which is not ${chain.network}; nothing was signed`,
    );
  }
  return status;
}

/** Shows memo bytes, fee, account and balance, and signs nothing. @throws SettlementError as {@link anchorPartition} */
export async function planAnchor(month: Month, deps: AnchorPassDeps): Promise<AnchorPlan> {
  const { archive, chain, attempts } = deps;
  const claim = await readClosed(archive, month);
  const status = await requireChain(chain, claim);
  await recheckClosed(month, chain.network, claim, deps);
  const memos = anchorMemos(claim.manifest, claim.evidence).map(memoText);
  const attempt = await attempts.latest(chain.network, claim.manifest.manifestHash);
  const isKnown = attempt !== undefined && attempt.state !== "expired" && attempt.state !== "failed";
  const found = isKnown ? attempt.anchor.hash : (await chain.history(claim)).found?.hash;
  return { ...claim, status, memos, ...(found === undefined ? {} : { found }) };
}

/** Where one look at a month has brought it. */
export type AnchorPass =
  | { readonly state: "anchored"; readonly receipt: Receipt; readonly fresh: boolean }
  | { readonly state: "pending"; readonly attempt: Attempt } // signed, stored, perhaps sent; look again at the next ledger
  | { readonly state: "waiting"; readonly attempt: Attempt }; // another month's attempt has the account's Sequence

/**
 * Moves one closed month one step nearer a validated anchor. Safe to repeat at any time and from several places: what is
 * anchored stays anchored, what was sent is sent again as the same bytes, and a new transaction is signed only when the
 * last one is proven absent.
 *
 * @throws SettlementError `PARTITION_NOT_CLOSED`, `LEDGER_REFUTED`, `CHAIN_WRONG_NETWORK`, `SETTLEMENT_KEY_MISMATCH`,
 * `CHAIN_UNREACHABLE`, `ANCHOR_FAILED`, `ANCHOR_HISTORY_INCOMPLETE`, `ANCHOR_CONFLICT`, `FEE_ABOVE_CAP`
 */
export async function anchorOnce(month: Month, deps: AnchorPassDeps): Promise<AnchorPass> {
  const claim = await readClosed(deps.archive, month);
  if (claim.receipt) {
    const receipt = ownReceipt(claim.receipt, claim, deps);
    await settleLeftover(month, claim, deps);
    return { state: "anchored", receipt, fresh: false };
  }
  await requireChain(deps.chain, claim);
  try {
    return await pass(month, claim, deps);
  } catch (error) {
    if (!(error instanceof SettlementError) || error.code !== "ATTEMPT_CONFLICT") throw error;
    // Another worker was quicker; what it stored is as good as ours.
    const attempt = await deps.attempts.latest(deps.chain.network, claim.manifest.manifestHash);
    if (!attempt) throw error;
    return { state: "pending", attempt };
  }
}

/** The receipt came from elsewhere and an attempt of this node is open: it is looked after once, if the chain answers. */
async function settleLeftover(month: Month, { manifest }: ClosedClaim, deps: AnchorPassDeps): Promise<void> {
  const attempt = await deps.attempts.latest(deps.chain.network, manifest.manifestHash);
  if (!attempt || !isUnderWay(attempt)) return;
  try {
    await step(month, attempt, deps);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
  }
}

async function pass(month: Month, claim: ClosedClaim, deps: AnchorPassDeps): Promise<AnchorPass> {
  const { chain, attempts } = deps;
  const last = await attempts.latest(chain.network, claim.manifest.manifestHash);
  const anchored = async (anchor: { hash: string; ledgerIndex: number }): Promise<AnchorPass> => ({
    state: "anchored",
    receipt: await captureReceipt(claim, anchor, deps),
    fresh: true,
  });
  let attempt = last;
  if (attempt === undefined || attempt.state === "expired") {
    const other = (await attempts.list()).find((each) => isUnderWay(each) && each.anchor.network === chain.network);
    // It is moved on from here too, or two months could wait for each other's workers.
    if (other) return { state: "waiting", attempt: await step(other.month, other, deps) };
    await recheckClosed(month, chain.network, claim, deps);
    const history = await chain.history(claim);
    if (history.found) return anchored(history.found);
    attempt = await prepare(month, claim, { history, previous: attempt }, deps);
  }
  attempt = await step(month, attempt, deps);
  return attempt.state === "anchored" && attempt.ledgerIndex !== undefined
    ? anchored({ hash: attempt.anchor.hash, ledgerIndex: attempt.ledgerIndex })
    : { state: "pending", attempt };
}

function isUnderWay({ state }: Attempt): boolean {
  return state === "prepared" || state === "submitted";
}

/**
 * Anchors one closed month and writes its receipt, look by look. Safe to repeat, as {@link anchorOnce} is.
 *
 * @throws SettlementError those of {@link anchorOnce}, `ANCHOR_OUTCOME_UNKNOWN` when patience ends
 */
export async function anchorPartition(month: Month, deps: AnchorDeps): Promise<Receipt> {
  let last: Attempt | undefined;
  for (let looks = 0; looks <= deps.patience; looks++) {
    const passed = await anchorOnce(month, deps);
    if (passed.state === "anchored") return passed.receipt;
    last = passed.attempt;
    await deps.pause();
  }
  if (last === undefined) throw new RangeError("patience must not be negative");
  throw new SettlementError(
    "ANCHOR_OUTCOME_UNKNOWN",
    `${month}: transaction ${last.anchor.hash}${last.month === month ? "" : ` of ${last.month}`} is sent and not validated yet (last ledger it can be in: ${last.anchor.lastLedgerSequence}); run the same command again`,
  );
}

/**
 * A receipt that is there already, if this node made it and it still says what was closed.
 *
 * @throws SettlementError `RECEIPT_REFUTED`
 */
function ownReceipt(receipt: Receipt, claim: ClosedClaim, { key, verify }: AnchorPassDeps): Receipt {
  const logs = [makeVkey(claim.evidence.o, key.publicKey)];
  const layers = receiptLayers(receipt, claim, { logs, accounts: [] }, verify);
  const bad = layers.find(({ layer, status }) => status === "fail" || (layer === "statement" && status !== "pass"));
  if (!bad) return receipt;
  throw new SettlementError(
    "RECEIPT_REFUTED",
    `anchors/${receipt.month}/receipt.json was not made by this node, ${bad.layer}: ${bad.detail}`,
  );
}

/**
 * Signs and stores; nothing is sent before the blob is durable.
 *
 * The Sequence is the one the account's history was proven up to, so that whatever the account does meanwhile voids this
 * transaction; and it is that of the attempt before unless a transaction of ours has used it, so that of all attempts one
 * at the most can ever be validated, whatever a server says.
 */
async function prepare(
  month: Month,
  { manifest, evidence }: ClosedClaim,
  { history, previous }: { readonly history: AnchorHistory; readonly previous: Attempt | undefined },
  { chain, attempts }: AnchorPassDeps,
): Promise<Attempt> {
  const before = previous?.anchor.sequence;
  if (before !== undefined && before !== history.nextSequence && !history.used.has(before)) {
    throw new SettlementError(
      "CHAIN_ANSWER_REFUTED",
      `the server gives Sequence ${history.nextSequence}, and no transaction of the account has used ${before} of the attempt before; nothing was signed`,
    );
  }
  const anchor = await chain.sign(anchorMemos(manifest, evidence), history.nextSequence);
  return attempts.prepare(month, manifest.manifestHash, anchor, previous);
}

/** The result of a transaction, read from the ledger that is said to hold it and recomputed. */
async function confirmed(chain: Chain, { hash }: SignedAnchor, ledgerIndex: number): Promise<string> {
  const ledger = await chain.capture(ledgerIndex);
  const id = fromHex(hash);
  const own = ledger.transactions.find(({ blob }) => equalBytes(transactionId(blob), id));
  if (wholeLedger(ledger).header.index !== ledgerIndex || !own) {
    throw new SettlementError(
      "CHAIN_ANSWER_REFUTED",
      `ledger ${ledgerIndex} does not hold transaction ${hash}, though the server called it validated there`,
    );
  }
  return resultText(readMetadata(own.meta));
}

async function step(month: Month, attempt: Attempt, deps: AnchorPassDeps): Promise<Attempt> {
  const { chain, attempts } = deps;
  if (attempt.state === "anchored") return attempt;
  if (attempt.state === "failed") {
    throw new SettlementError(
      "ANCHOR_FAILED",
      `${month}: transaction ${attempt.anchor.hash} ended with ${attempt.result ?? "no result"}; a human has to decide`,
    );
  }
  const outcome = await chain.outcome(attempt.anchor);
  switch (outcome.state) {
    case "expired":
      return attempts.advance(attempt, "expired");
    case "validated": {
      const { ledgerIndex } = outcome;
      const result = await confirmed(chain, attempt.anchor, ledgerIndex);
      return attempts.advance(attempt, result === "tesSUCCESS" ? "anchored" : "failed", { ledgerIndex, result });
    }
    case "pending": {
      const word = await chain.submit(attempt.anchor);
      return attempt.state === "submitted" ? attempt : attempts.advance(attempt, "submitted", { result: word });
    }
  }
}
