import { equalBytes, toHex } from "../bytes.ts";
import type { VerifySignature } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import type { NetworkName } from "../network.ts";
import type { PinnedPublisher } from "../trust.ts";
import { type Check, type Layer, layer, type LayerName } from "../verdict.ts";
import {
  type AnchorMetadata,
  type AnchorTransaction,
  readMetadata,
  readTransaction,
  resultText,
  typeText,
} from "./anchor-transaction.ts";
import { closeTimeText, formatRippleTime, rippleTimeUnixMs } from "./close-time.ts";
import { type HashedHeader, lastOfChain } from "./header-chain.ts";
import { ledgerHash } from "./ledger-header.ts";
import { keyText, publisherSigningKey, requireSignedBlob } from "./list-signature.ts";
import { checkPublisher } from "./publisher-pin.ts";
import { faultText, isContradicted, quorumOf, type Tally, tallyVotes } from "./quorum.ts";
import { rootFromLevels, transactionLeaf } from "./shamap.ts";
import { transactionId } from "./transaction-id.ts";
import { type ListContent, listInForce } from "./validator-list.ts";
import type { Xpop } from "./xpop.ts";
import { proofLevels } from "./xpop-proof.ts";

/** Whose word counts. */
export interface XpopPins {
  readonly publishers: readonly PinnedPublisher[];
  /** The network the XPOP is said to be of. An XPOP names none, so any pinned publisher will do where it is left out. */
  readonly network?: NetworkName;
}

/** What came to light. Only what its layer passed may be relied on. */
export interface XpopFindings {
  readonly transaction?: AnchorTransaction;
  readonly metadata?: AnchorMetadata;
  /** The ledger that the validations are for: the XPOP's own, or the last of its chain. */
  readonly validated?: HashedHeader;
  readonly network?: NetworkName;
  readonly content?: ListContent;
  readonly tally?: Tally;
}

export interface XpopExamination {
  readonly layers: readonly Layer[];
  readonly findings: XpopFindings;
}

type Findings = { -readonly [Name in keyof XpopFindings]: XpopFindings[Name] };

function refuse(message: string): never {
  throw new SettlementError("XPOP_REFUTED", message);
}

/**
 * Recomputes every hash of an XPOP and checks every signature that its quorum rests on. What the file states and nobody
 * signed is not looked at. Hashes come first: a mainnet XPOP takes about 100 checks of signatures, one that was altered
 * before them none, and no file more than about 1600.
 */
export function examineXpop(xpop: Xpop, pins: XpopPins, verify: VerifySignature): XpopExamination {
  const findings: Findings = {};
  const layers: Layer[] = [];
  const next = (name: LayerName, check: () => Check): void => {
    const open = layers.find(({ status }) => status !== "pass");
    if (!open) layers.push(layer(name, check));
    else layers.push({ layer: name, status: "unproven", detail: `not looked at, since it rests on the ${open.layer}` });
  };
  next("transaction", () => checkTransaction(xpop, findings));
  next("path", () => checkPath(xpop));
  next("header", () => checkHeader(xpop, findings));
  next("publisher", () => checkListPublisher(xpop, pins, findings, verify));
  next("list", () => checkList(xpop, findings, verify));
  next("validators", () => checkVotes(xpop, findings, verify));
  return { layers, findings };
}

function checkTransaction({ blob, meta }: Xpop, findings: Findings): Check {
  const transaction = readTransaction(blob);
  const metadata = readMetadata(meta);
  findings.transaction = transaction;
  findings.metadata = metadata;
  const what = `${toHex(transactionId(blob)).toUpperCase()}, ${typeText(transaction)} by ${transaction.account}`;
  const outcome = metadata.transactionResult === 0 ? "" : ": it is in the ledger and did not succeed";
  return { pass: `${what}, ${resultText(metadata)}${outcome}` };
}

function checkPath({ header, blob, meta, proof }: Xpop): Check {
  const id = transactionId(blob);
  const levels = proofLevels(proof, id);
  const root = rootFromLevels(levels, id, transactionLeaf(blob, meta));
  if (!equalBytes(root, header.transactionRoot))
    refuse(`the proof ends in ${toHex(root)}, the header of ledger ${header.index} holds another transaction root`);
  return { pass: `${levels.length} levels up to transaction root ${toHex(root).toUpperCase()}` };
}

function checkHeader({ header, chain }: Xpop, findings: Findings): Check {
  const last = lastOfChain(header, chain);
  findings.validated = last;
  const own = `ledger ${header.index}, hash ${toHex(ledgerHash(header)).toUpperCase()}, ${closeTimeText(header)}`;
  if (chain.length === 0) return { pass: own };
  return {
    pass: `${own}; ${chain.length} headers lead on to ledger ${last.header.index}, hash ${toHex(last.hash).toUpperCase()}`,
  };
}

function closeOf(findings: Findings): number {
  return findings.validated?.header.closeTimeRippleS ?? refuse("there is no ledger to judge the list by");
}

function checkListPublisher({ list }: Xpop, pins: XpopPins, findings: Findings, verify: VerifySignature): Check {
  const query = { publicKey: keyText(list.publicKey), atUnixMs: rippleTimeUnixMs(closeOf(findings)) };
  const { network } = pins;
  const found = checkPublisher({ ...query, ...(network === undefined ? {} : { network }) }, pins.publishers);
  if (found.network !== undefined) findings.network = found.network;
  if (!("pass" in found.check)) return found.check;
  const key = publisherSigningKey(list, list.manifest, verify);
  return { pass: `${found.check.pass}; its manifest names the signing key ${keyText(key)}` };
}

function checkList({ list }: Xpop, findings: Findings, verify: VerifySignature): Check {
  const { blob, content } = listInForce(list, closeOf(findings));
  requireSignedBlob(list, blob, verify);
  findings.content = content;
  return {
    pass: `list ${content.sequence} of ${content.members.length} validators, signed by its publisher, in force ${forceText(content)}`,
  };
}

function forceText({ effectiveRippleS, expirationRippleS }: ListContent): string {
  const from = effectiveRippleS === undefined ? "" : `from ${formatRippleTime(effectiveRippleS)} `;
  return `${from}until ${formatRippleTime(expirationRippleS)}`;
}

function checkVotes(xpop: Xpop, findings: Findings, verify: VerifySignature): Check {
  const { validated, content } = findings;
  if (!validated || !content) return refuse("there is no ledger or no list to count votes by");
  const ballot = {
    ledgerIndex: validated.header.index,
    ledgerHash: validated.hash,
    members: content.members,
    newerManifests: xpop.manifests,
  };
  const tally = tallyVotes(ballot, xpop.validations, verify);
  findings.tally = tally;
  const of = content.members.length;
  const said = `${tally.votes.length} of ${of} validators signed ledger ${ballot.ledgerIndex}, ${quorumOf(of)} are needed`;
  const detail = said + faultText(tally);
  if (tally.votes.length >= quorumOf(of)) return { pass: detail };
  return isContradicted(tally) ? refuse(detail) : { unproven: detail };
}
