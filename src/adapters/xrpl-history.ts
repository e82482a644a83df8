import { equalBytes, fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type AnchorClaim, readAnchorMemos } from "../core/memo.ts";
import type { ClosedClaim } from "../core/verify-receipt.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import type { AnchorHistory } from "../ports.ts";
import { type AccountState, accountAt, agreeOnAccount } from "./xrpl-account.ts";
import { type HistoryEntry, ownHistory } from "./xrpl-account-history.ts";
import { agree } from "./xrpl-agreement.ts";
import { readHeader, readWholeLedger } from "./xrpl-answers.ts";
import { usedSequences } from "./xrpl-own-transactions.ts";
import type { XrplServer } from "./xrpl-rpc.ts";
import { firstOf, type Servers, type Survey } from "./xrpl-servers.ts";

/** The account that anchors and the address of the key this node signs with. */
interface Owner {
  readonly account: string;
  readonly ownKey: string;
}

/** An own transaction of the account and the claim in its memos, whether it succeeded or not. */
interface ClaimEntry {
  readonly entry: HistoryEntry;
  readonly claim: AnchorClaim | undefined;
}

/** Numbers of the transaction types whose success changes which later ones are the account's: `SetRegularKey`, `TicketCreate`. */
const keyAndTicketTypes: readonly number[] = [5, 10];

function claimIn({ transaction }: HistoryEntry): AnchorClaim | undefined {
  try {
    return readAnchorMemos(transaction.memos);
  } catch (error) {
    // A memo of ours that is malformed anchors nothing; other transactions of the account are no business of this.
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

function isOfMonth(claim: AnchorClaim | undefined, { manifest, evidence }: ClosedClaim): boolean {
  if (claim?.manifest.manifestHash === manifest.manifestHash) return true;
  return claim?.evidence?.o === evidence.o && claim.manifest.partitionId === manifest.partitionId;
}

function succeeded({ meta }: HistoryEntry): boolean {
  return meta["TransactionResult"] === "tesSUCCESS";
}

/**
 * Makes sure that a transaction is in the ledger the server says, with the metadata it gave: the ledger is read in binary,
 * its tree recomputed, and every other server shows the same one.
 *
 * @throws SettlementError `CHAIN_ANSWER_REFUTED`, `CHAIN_UNREACHABLE` when the server does not hold that ledger, and those of
 * {@link agree}
 */
async function requireHeld(
  servers: Servers,
  server: XrplServer,
  { hash, ledgerIndex, metaBytes }: HistoryEntry,
): Promise<void> {
  const ledger = await readWholeLedger(server, ledgerIndex);
  if (!ledger) {
    throw new SettlementError(
      "CHAIN_UNREACHABLE",
      `${server.endpoint} does not show ledger ${ledgerIndex}, in which transaction ${hash} is said to be`,
    );
  }
  const id = fromHex(hash);
  const held = ledger.bytes.transactions.find(({ blob }) => equalBytes(transactionId(blob), id));
  if (!held || !equalBytes(held.meta, metaBytes)) {
    throw new SettlementError(
      "CHAIN_ANSWER_REFUTED",
      `ledger ${ledgerIndex} of ${server.endpoint} ${held ? "holds other metadata for" : "does not hold"} transaction ${hash} of the account's history`,
    );
  }
  await agree(servers, server, { ledgerIndex, hash: ledger.hash });
}

/** The account's own transactions, each with its claim; those that matter here are proven to be in their ledgers. */
async function ownClaims(
  servers: Servers,
  server: XrplServer,
  closed: ClosedClaim,
  entries: readonly HistoryEntry[],
): Promise<readonly ClaimEntry[]> {
  const claims = entries.map((entry) => ({ entry, claim: claimIn(entry) }));
  for (const { entry, claim } of claims) {
    if (isOfMonth(claim, closed) || keyAndTicketTypes.includes(entry.transaction.transactionType))
      await requireHeld(servers, server, entry);
  }
  return claims;
}

/** @throws SettlementError `ANCHOR_CONFLICT` when the month is anchored with another manifest */
function anchorOf(claims: readonly ClaimEntry[], closed: ClosedClaim): HistoryEntry | undefined {
  const { manifest, evidence } = closed;
  const ofMonth = claims.filter(({ entry, claim }) => succeeded(entry) && isOfMonth(claim, closed));
  const found = ofMonth.find(({ claim }) => claim?.manifest.manifestHash === manifest.manifestHash)?.entry;
  const rival = ofMonth[0];
  if (found || !rival) return found;
  throw new SettlementError(
    "ANCHOR_CONFLICT",
    `${manifest.partitionId} of ${evidence.o} was anchored already, by transaction ${rival.entry.hash} with manifest ${rival.claim?.manifest.manifestHash ?? ""}, not ${manifest.manifestHash}; the ledger was closed again differently and a human has to decide`,
  );
}

/** The account in the highest ledger all fresh servers have validated, as they all show it. */
async function agreedAccount(
  servers: Servers,
  survey: Survey,
  server: XrplServer,
  account: string,
): Promise<AccountState> {
  const { ledgerIndex } = survey.common;
  const read = await readHeader(server, ledgerIndex);
  if (!read) throw new SettlementError("CHAIN_UNREACHABLE", `${server.endpoint} does not show ledger ${ledgerIndex}`);
  await agree(servers, server, { ledgerIndex, hash: read.hash });
  const state = await accountAt(server, account, ledgerIndex);
  await agreeOnAccount(servers, survey, { from: server, account, ledgerIndex }, state);
  return state;
}

/**
 * Looks through the whole validated history of the account for the transaction that anchors a manifest.
 *
 * The history is known to be whole by following the account entry's own chain of changes. A server that forgot some cannot
 * hide that, and it cannot invent one either, since each of the account's own is checked for its signature and its
 * Sequence, from the one the account was made with. What bears memos for this month, anchored or failed, and what made the
 * account, is believed only after its ledger was recomputed.
 *
 * @throws SettlementError `ANCHOR_HISTORY_INCOMPLETE`, `ANCHOR_CONFLICT`, `CHAIN_ANSWER_REFUTED`, `CHAIN_DISAGREEMENT`,
 * `CHAIN_FORKED`, `CHAIN_STALE`, `CHAIN_UNREACHABLE`
 */
export async function readAnchorHistory(servers: Servers, owner: Owner, closed: ClosedClaim): Promise<AnchorHistory> {
  const survey = await servers.survey();
  const latest = await servers.seen.latest(servers.network);
  // Before what this node has concluded from, the account may lack an anchor of ours.
  if (latest && survey.common.ledgerIndex < latest.ledgerIndex) {
    throw new SettlementError(
      "CHAIN_STALE",
      `${survey.lowest.server.endpoint} has validated ledger ${survey.common.ledgerIndex} and not yet ${latest.ledgerIndex}, which this node has seen; it will be asked again`,
    );
  }
  return firstOf(servers, survey, ({ server }) => historyOf(servers, survey, server, owner, closed));
}

async function historyOf(
  servers: Servers,
  survey: Survey,
  server: XrplServer,
  { account, ownKey }: Owner,
  closed: ClosedClaim,
): Promise<AnchorHistory> {
  const state = await agreedAccount(servers, survey, server, account);
  const range = { account, throughIndex: survey.common.ledgerIndex };
  const { own: entries, beginning } = await ownHistory(server, range, state.previousTransaction);
  // Until the account has made a transaction, its first Sequence would be a server's bare word.
  if (beginning) await requireHeld(servers, server, beginning.entry);
  const claims = await ownClaims(servers, server, closed, entries);
  const facts = entries.map((entry) => ({ hash: entry.hash, blob: entry.blob, succeeded: succeeded(entry) }));
  const { used, next } = usedSequences(facts, { account, ownKey, first: beginning?.sequence });
  if (next !== undefined && next !== state.sequence) {
    throw new SettlementError(
      "CHAIN_ANSWER_REFUTED",
      `${server.endpoint} says Sequence ${state.sequence} for ${account}, its history leaves ${next}`,
    );
  }
  const found = anchorOf(claims, closed);
  return {
    ...(found ? { found: { hash: found.hash, ledgerIndex: found.ledgerIndex } } : {}),
    nextSequence: state.sequence,
    used,
  };
}
