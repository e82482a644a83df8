import { equalBytes } from "../bytes.ts";
import { type VerifySignature, verifyEd25519 } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import type { Hash } from "../hash.ts";
import type { JsonObject } from "../json.ts";
import { manifestsFor } from "./electors.ts";
import { examineXpop } from "./examine-xpop.ts";
import { lastOfChain } from "./header-chain.ts";
import { decodeLedgerHeader } from "./ledger-header.ts";
import { keyText } from "./list-signature.ts";
import { faultText, manifestsBeyond, quorumOf, type Tally, tallyVotes } from "./quorum.ts";
import { treePath } from "./shamap.ts";
import { transactionId } from "./transaction-id.ts";
import { type ListContent, listInForce, type ValidatorList } from "./validator-list.ts";
import { type LedgerBytes, wholeLedger } from "./whole-ledger.ts";
import { readXpop, type Xpop, xpopJson } from "./xpop.ts";

/** What a network gave while the transaction was validated. */
export interface XpopParts {
  readonly ledger: LedgerBytes;
  /** Id of the transaction to prove, 32 bytes. */
  readonly transaction: Hash;
  /** From any number of streams, with repetitions, of any ledger and anybody. */
  readonly validations: readonly Uint8Array[];
  /** As its publisher served it, version 1 or 2. */
  readonly list: ValidatorList;
  /**
   * Of anybody and any time; kept where a member of the list votes by a key that the list does not know yet. A member
   * whose revocation is among them has no vote.
   */
  readonly manifests?: readonly Uint8Array[];
  /** Headers (118 bytes) of the ledgers after `ledger`, when the validations are of the last of them. */
  readonly chain?: readonly Uint8Array[];
}

/**
 * The XPOP of a transaction (XLS-41), in the spelling of `xpopJson`, with the validations that count and no others.
 * Our own verifier has accepted it by the time it is returned, for whoever pins the publisher of its list.
 *
 * @throws SettlementError `XPOP_BELOW_QUORUM` when too few validations are at hand (more may come, or a later ledger may
 *   have them), `XPOP_REFUTED`, `XRPL_LEDGER_REFUTED`, `XRPL_CHAIN_REFUTED`, `XRPL_TREE_LEAF_ABSENT`, and those of
 *   `listInForce`, `requireSignedBlob` and `parseJson`
 */
export function buildXpop(parts: XpopParts, verify: VerifySignature = verifyEd25519): JsonObject {
  const { header, leaves } = wholeLedger(parts.ledger);
  const proof = treePath(leaves, parts.transaction);
  const own = parts.ledger.transactions.find(({ blob }) => equalBytes(transactionId(blob), parts.transaction));
  if (!own) throw new SettlementError("XRPL_TREE_LEAF_ABSENT", `ledger ${header.index} does not hold the transaction`);
  const chain = (parts.chain ?? []).map(decodeLedgerHeader);
  const last = lastOfChain(header, chain);
  const { content } = listInForce(parts.list, last.header.closeTimeRippleS);
  const ballot = {
    ledgerIndex: last.header.index,
    ledgerHash: last.hash,
    members: content.members,
    newerManifests: manifestsFor(parts.validations, parts.manifests ?? []),
  };
  const tally = tallyVotes(ballot, parts.validations, verify);
  requireQuorum(tally, content, last.header.index);
  const xpop: Xpop = {
    header,
    chain,
    ...own,
    proof,
    validations: tally.votes.map(({ bytes }) => bytes),
    list: parts.list,
    manifests: manifestsBeyond(content.members, tally),
  };
  const json = xpopJson(xpop);
  requireAccepted(json, verify);
  return json;
}

function requireQuorum(tally: Tally, { members }: ListContent, ledgerIndex: number): void {
  const needed = quorumOf(members.length);
  if (tally.votes.length >= needed) return;
  throw new SettlementError(
    "XPOP_BELOW_QUORUM",
    `${tally.votes.length} of ${members.length} validators signed ledger ${ledgerIndex}, ${needed} are needed${faultText(tally)}`,
  );
}

/** The same bytes that will be published, through the same door that others come in by. */
function requireAccepted(json: JsonObject, verify: VerifySignature): void {
  const xpop = readXpop(JSON.stringify(json));
  const publishers = [{ publicKey: keyText(xpop.list.publicKey) }];
  const bad = examineXpop(xpop, { publishers }, verify).layers.find(({ status }) => status !== "pass");
  if (bad) throw new SettlementError("XPOP_REFUTED", `the XPOP does not verify, ${bad.layer}: ${bad.detail}`);
}
