import { equalBytes, fromHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { readMetadata, resultText } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import type { Outcome, SignedAnchor } from "../ports.ts";
import { accountAt, agreeOnAccount } from "./xrpl-account.ts";
import { agree } from "./xrpl-agreement.ts";
import { ask, heldIn, type LedgerRead, ofServer, readHeader, readWholeLedger } from "./xrpl-answers.ts";
import type { Look } from "./xrpl-health.ts";
import type { XrplServer } from "./xrpl-rpc.ts";
import { firstOf, type Servers, type Survey } from "./xrpl-servers.ts";

/** More ledgers than this between signing and LastLedgerSequence are not read one by one. */
export const windowLimit = 1000;

/** Result of a transaction in a ledger whose tree was recomputed; undefined where it is not in there. */
function resultIn(server: XrplServer, { bytes }: LedgerRead, hash: string): string | undefined {
  const id = fromHex(hash);
  const own = bytes.transactions.find(({ blob }) => equalBytes(transactionId(blob), id));
  return own && ofServer(server, `metadata of ${hash}`, () => resultText(readMetadata(own.meta)));
}

/** The ledger a server says holds the transaction: its word, and no more than a hint where to look. */
async function saidToBeIn(server: XrplServer, { hash }: SignedAnchor): Promise<number | undefined> {
  const said = await ask(server, "tx", { transaction: hash, binary: true }, ["txnNotFound"]);
  return said?.object["validated"] === true ? heldIn(said) : undefined;
}

async function validatedIn(servers: Servers, server: XrplServer, ledger: LedgerRead, result: string): Promise<Outcome> {
  const ledgerIndex = ledger.header.index;
  await agree(servers, server, { ledgerIndex, hash: ledger.hash });
  return { state: "validated", ledgerIndex, result };
}

/**
 * Every ledger the transaction can be in, read in binary and recomputed, each the parent of the next, the last one as
 * every server shows it. Undefined where the server does not hold them all.
 */
async function searchWindow(servers: Servers, server: XrplServer, anchor: SignedAnchor): Promise<Outcome | undefined> {
  const { hash, signedAtIndex, lastLedgerSequence } = anchor;
  if (lastLedgerSequence - signedAtIndex > windowLimit) return undefined;
  let before: LedgerRead | undefined;
  for (let index = signedAtIndex + 1; index <= lastLedgerSequence; index++) {
    const ledger = await readWholeLedger(server, index);
    if (!ledger) return undefined;
    if (before && !equalBytes(fromHex(before.hash), ledger.header.parentHash)) {
      throw new SettlementError(
        "CHAIN_ANSWER_REFUTED",
        `ledger ${index} of ${server.endpoint} is not the child of the one before`,
      );
    }
    const result = resultIn(server, ledger, hash);
    if (result !== undefined) return validatedIn(servers, server, ledger, result);
    before = ledger;
  }
  if (!before) return undefined;
  await agree(servers, server, { ledgerIndex: lastLedgerSequence, hash: before.hash });
  return { state: "expired" };
}

/** What one server lets conclude; undefined where that is nothing, or nothing yet. */
async function concludeFrom(
  servers: Servers,
  { common }: Survey,
  { server }: Look,
  anchor: SignedAnchor,
): Promise<Outcome | undefined> {
  const index = await saidToBeIn(server, anchor);
  // A ledger that not every fresh server has validated may be invented; the others are waited for.
  if (index !== undefined && index <= common.ledgerIndex) {
    const ledger = await readWholeLedger(server, index);
    const result = ledger && resultIn(server, ledger, anchor.hash);
    if (ledger && result !== undefined) return validatedIn(servers, server, ledger, result);
    if (ledger) {
      throw new SettlementError(
        "CHAIN_ANSWER_REFUTED",
        `${server.endpoint} calls transaction ${anchor.hash} validated in ledger ${index}, which does not hold it`,
      );
    }
  }
  return common.ledgerIndex > anchor.lastLedgerSequence ? searchWindow(servers, server, anchor) : undefined;
}

/**
 * Where no server holds every ledger of the window: has the account's Sequence in a ledger past it not gone past that of the
 * transaction? Then no ledger has taken it, and none can.
 */
async function concludeFromSequence(
  servers: Servers,
  survey: Survey,
  { server }: Look,
  { account, sequence }: SignedAnchor,
): Promise<Outcome | undefined> {
  const { ledgerIndex } = survey.common;
  const header = await readHeader(server, ledgerIndex);
  if (!header) return undefined;
  const state = await accountAt(server, account, ledgerIndex);
  if (state.sequence > sequence) return undefined;
  await agreeOnAccount(servers, survey, { from: server, account, ledgerIndex }, state);
  await agree(servers, server, { ledgerIndex, hash: header.hash });
  return { state: "expired" };
}

/**
 * What became of a signed transaction, from validated ledgers alone.
 *
 * `validated`: a ledger that every server shows alike holds it, its tree recomputed here; the result is that of the
 * recomputed metadata. `expired`: every fresh server has validated a ledger past LastLedgerSequence, and no ledger of the
 * window holds it, or the account's Sequence past it is still that of the transaction. What a server says of the
 * transaction, `txnNotFound` included, proves nothing.
 *
 * @throws SettlementError `CHAIN_WRONG_NETWORK`, `ANCHOR_OUTCOME_UNKNOWN` when it is past its last ledger and no server can show what became of it,
 * `CHAIN_DISAGREEMENT`, `CHAIN_FORKED`, `CHAIN_STALE`, `CHAIN_UNREACHABLE` and others when no server answers as it should
 */
export async function outcomeOf(servers: Servers, anchor: SignedAnchor): Promise<Outcome> {
  const survey = await servers.survey();
  const { networkId } = survey.lowest;
  if (networkId !== anchor.networkId) {
    throw new SettlementError(
      "CHAIN_WRONG_NETWORK",
      `transaction ${anchor.hash} was signed for network ${anchor.networkId}, the servers are of ${networkId}; nothing can be said of it there`,
    );
  }
  const ledgers = await firstOf(servers, survey, (look) => concludeFrom(servers, survey, look, anchor));
  if (ledgers) return ledgers;
  if (survey.common.ledgerIndex <= anchor.lastLedgerSequence) return { state: "pending" };
  const past = await firstOf(servers, survey, (look) => concludeFromSequence(servers, survey, look, anchor));
  if (past) return past;
  throw new SettlementError(
    "ANCHOR_OUTCOME_UNKNOWN",
    `transaction ${anchor.hash} is past the last ledger it can be in (${anchor.lastLedgerSequence}), and no server holds all of the ledgers ${anchor.signedAtIndex + 1} to ${anchor.lastLedgerSequence} that would tell; name a server with full history`,
  );
}
