import { anchoredBy, networkCaveat } from "../anchored-by.ts";
import { toHex } from "../bytes.ts";
import type { AnchorClaim } from "../memo.ts";
import type { NetworkName } from "../network.ts";
import type { Layer, Verdict } from "../verdict.ts";
import { closeTimeText, formatRippleTime, isCloseTimeAgreed } from "./close-time.ts";
import type { XpopFindings } from "./examine-xpop.ts";
import { ledgerHash } from "./ledger-header.ts";
import { keyText } from "./list-signature.ts";
import { quorumOf } from "./quorum.ts";
import { transactionId } from "./transaction-id.ts";
import type { Xpop } from "./xpop.ts";

/** What a proven XPOP proves. Hashes and keys are upper-case hex, times UTC. */
export interface XpopFacts {
  readonly transactionHash: string;
  /** `TransactionType`; 3 is AccountSet. */
  readonly transactionType: number;
  readonly account: string;
  /** 0 is `tesSUCCESS`; any other is included in the ledger and did not succeed. */
  readonly transactionResult: number;
  /** Place in the ledger, from 0. */
  readonly transactionIndex: number;
  readonly ledgerIndex: number;
  readonly ledgerHash: string;
  /** The transaction existed when its ledger closed, at this time within {@link closeResolutionS}. */
  readonly closeTime: string;
  readonly closeResolutionS: number;
  /** False: the validators did not agree on the time, which then says little. */
  readonly isCloseTimeAgreed: boolean;
  /** The ledger that was signed: the same, or a later one that the chain of headers leads to. */
  readonly validatedLedgerIndex: number;
  readonly validatedLedgerHash: string;
  readonly votes: number;
  readonly quorum: number;
  readonly validators: number;
  readonly publisher: string;
  /** Null where the publisher's pin names none. */
  readonly network: NetworkName | null;
  readonly listSequence: number;
  readonly listEffective: string | null;
  readonly listExpiration: string;
  /** What the memos say was closed; null where the transaction bears no anchor memo. */
  readonly anchor: AnchorClaim | null;
}

/** Null where something that every proof needs did not come to light. */
export function xpopFacts(
  { header, blob, list }: Xpop,
  { transaction, metadata, validated, content, tally, network }: XpopFindings,
  anchor: AnchorClaim | null,
): XpopFacts | null {
  if (!transaction || !metadata || !validated || !content || !tally) return null;
  return {
    transactionHash: upperHex(transactionId(blob)),
    transactionType: transaction.transactionType,
    account: transaction.account,
    transactionResult: metadata.transactionResult,
    transactionIndex: metadata.transactionIndex,
    ledgerIndex: header.index,
    ledgerHash: upperHex(ledgerHash(header)),
    closeTime: formatRippleTime(header.closeTimeRippleS),
    closeResolutionS: header.closeResolutionS,
    isCloseTimeAgreed: isCloseTimeAgreed(header),
    validatedLedgerIndex: validated.header.index,
    validatedLedgerHash: upperHex(validated.hash),
    votes: tally.votes.length,
    quorum: quorumOf(content.members.length),
    validators: content.members.length,
    publisher: keyText(list.publicKey),
    network: network ?? null,
    listSequence: content.sequence,
    listEffective: content.effectiveRippleS === undefined ? null : formatRippleTime(content.effectiveRippleS),
    listExpiration: formatRippleTime(content.expirationRippleS),
    anchor,
  };
}

function upperHex(bytes: Uint8Array): string {
  return toHex(bytes).toUpperCase();
}

/** What a verdict's summary is made of, beside the proof and its layers. */
interface Said {
  /** Null where it is not proven. */
  readonly facts: XpopFacts | null;
  /** What the memos claim, proven or not. */
  readonly claim: AnchorClaim | undefined;
  readonly account: Verdict["account"];
}

/** The account; of an anchor also whether it is pinned. */
function byText({ claim, account: { address, pinned } }: Said): string {
  if (address === null) return "";
  return claim ? ` ${anchoredBy(address, claim.manifest.network, pinned)}` : ` by ${address}`;
}

function failureText({ layer, detail }: Layer, layers: readonly Layer[]): string {
  const isOfAnchor = (each: Layer): boolean => each.layer === "memo" || each.layer === "account";
  return layers.every((each) => each.status === "pass" || isOfAnchor(each))
    ? `The validators' signatures hold, and the anchor fails at its ${layer}: ${detail}`
    : `The proof fails at its ${layer}: ${detail}`;
}

/** One sentence for people, and what it is worth on a network that is nobody else's or is reset. */
export function xpopSummary({ header, blob }: Xpop, layers: readonly Layer[], said: Said): string {
  const failing = layers.find(({ status }) => status === "fail");
  if (failing) return failureText(failing, layers);
  const { facts, claim } = said;
  const transaction = `Transaction ${upperHex(transactionId(blob))}${byText(said)}`;
  const caveat = networkCaveat(facts?.network ?? claim?.manifest.network ?? null);
  if (!facts) {
    const open = layers.find(({ status }) => status === "unproven");
    return `${transaction}: nothing contradicts the proof, and it does not prove: ${open?.detail ?? "no layer says why"}.${caveat}`;
  }
  const result =
    facts.transactionResult === 0 ? "" : `, which did not succeed (result code ${facts.transactionResult}),`;
  const where = facts.network === null ? "XRPL ledger" : `XRPL ledger (${facts.network})`;
  const votes = `${facts.votes} of the ${facts.validators} validators that publisher ${facts.publisher} names`;
  const later =
    facts.validatedLedgerIndex === facts.ledgerIndex ? "it" : `ledger ${facts.validatedLedgerIndex} after it`;
  return `${transaction}${result} existed when ${where} ${header.index} ${closeTimeText(header)}: ${votes} signed ${later}.${caveat}`;
}
