import { SettlementError } from "../core/error.ts";
import { anchorMemos, memoText } from "../core/memo.ts";
import type { Month } from "../core/month.ts";
import { isIdOfNetwork } from "../core/network.ts";
import type { Receipt } from "../core/receipt.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import type { Archive, Attempt, Attempts, Chain, ChainStatus } from "../ports.ts";
import { captureReceipt, type CaptureDeps } from "./capture-receipt.ts";
import { readClosed } from "./read-closed.ts";
import { recheckClosed, type RecheckDeps } from "./recheck-closed.ts";

export interface AnchorDeps extends CaptureDeps, Pick<RecheckDeps, "ledger" | "sha256"> {
  readonly chain: Chain;
  readonly attempts: Attempts;
  readonly archive: Archive;
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
export async function planAnchor(month: Month, deps: AnchorDeps): Promise<AnchorPlan> {
  const { archive, chain, attempts } = deps;
  const claim = await readClosed(archive, month);
  const status = await requireChain(chain, claim);
  await recheckClosed(month, chain.network, claim, deps);
  const memos = anchorMemos(claim.manifest, claim.evidence).map(memoText);
  const attempt = await attempts.latest(chain.network, claim.manifest.manifestHash);
  const found = attempt ? attempt.anchor.hash : (await chain.findAnchor(claim.manifest.manifestHash))?.hash;
  return { ...claim, status, memos, ...(found === undefined ? {} : { found }) };
}

/**
 * Anchors one closed month and writes its receipt. Safe to repeat at any time: what is anchored stays anchored, what was
 * sent is sent again as the same bytes, and a new transaction is signed only when the last one is proven absent.
 *
 * @throws SettlementError `PARTITION_NOT_CLOSED`, `LEDGER_REFUTED`, `CHAIN_WRONG_NETWORK`, `SETTLEMENT_KEY_MISMATCH`,
 * `CHAIN_UNREACHABLE`, `ANCHOR_OUTCOME_UNKNOWN`, `ANCHOR_FAILED`, `ANCHOR_HISTORY_INCOMPLETE`, `FEE_ABOVE_CAP`, `ATTEMPT_CONFLICT`
 */
export async function anchorPartition(month: Month, deps: AnchorDeps): Promise<Receipt> {
  const { archive, chain, attempts } = deps;
  const claim = await readClosed(archive, month);
  if (claim.receipt) return claim.receipt;
  await requireChain(chain, claim);
  await recheckClosed(month, chain.network, claim, deps);
  const { manifestHash } = claim.manifest;
  let attempt = await attempts.latest(chain.network, manifestHash);
  if (!attempt) {
    const found = await chain.findAnchor(manifestHash);
    if (found) return captureReceipt(claim, found, deps);
    attempt = await prepare(month, claim, undefined, deps);
  }
  for (let looks = 0; looks <= deps.patience; looks++) {
    attempt = await step(month, claim, attempt, deps);
    if (attempt.state === "anchored" && attempt.ledgerIndex !== undefined) {
      return captureReceipt(claim, { hash: attempt.anchor.hash, ledgerIndex: attempt.ledgerIndex }, deps);
    }
    await deps.pause();
  }
  throw new SettlementError(
    "ANCHOR_OUTCOME_UNKNOWN",
    `${month}: transaction ${attempt.anchor.hash} is sent and not validated yet (last ledger it can be in: ${attempt.anchor.lastLedgerSequence}); run the same command again`,
  );
}

/** Signs and stores; nothing is sent before the blob is durable. */
async function prepare(
  month: Month,
  { manifest, evidence }: ClosedClaim,
  previous: Attempt | undefined,
  { chain, attempts }: AnchorDeps,
): Promise<Attempt> {
  const anchor = await chain.sign(anchorMemos(manifest, evidence));
  return attempts.prepare(month, manifest.manifestHash, anchor, previous);
}

async function step(month: Month, claim: ClosedClaim, attempt: Attempt, deps: AnchorDeps): Promise<Attempt> {
  const { chain, attempts } = deps;
  switch (attempt.state) {
    case "anchored":
      return attempt;
    case "failed":
      throw new SettlementError(
        "ANCHOR_FAILED",
        `${month}: transaction ${attempt.anchor.hash} ended with ${attempt.result ?? "no result"}; a human has to decide`,
      );
    case "expired":
      return prepare(month, claim, attempt, deps);
    case "prepared":
    case "submitted":
      break;
  }
  const outcome = await chain.outcome(attempt.anchor);
  switch (outcome.state) {
    case "expired":
      return attempts.advance(attempt, "expired");
    case "validated": {
      const { ledgerIndex, result } = outcome;
      return attempts.advance(attempt, result === "tesSUCCESS" ? "anchored" : "failed", { ledgerIndex, result });
    }
    case "pending": {
      const word = await chain.submit(attempt.anchor);
      return attempt.state === "submitted" ? attempt : attempts.advance(attempt, "submitted", { result: word });
    }
  }
}
