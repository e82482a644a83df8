import { equalBytes, fromHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import type { JsonObject } from "../core/json.ts";
import type { Month } from "../core/month.ts";
import type { Receipt } from "../core/receipt.ts";
import { buildXpop } from "../core/xrpl/build-xpop.ts";
import { manifestsFor } from "../core/xrpl/electors.ts";
import { maxChainLength } from "../core/xrpl/header-chain.ts";
import { ledgerHash } from "../core/xrpl/ledger-header.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { mostVotes, quorumOf, tallyVotes } from "../core/xrpl/quorum.ts";
import { listContents, listInForce, type ValidatorList } from "../core/xrpl/validator-list.ts";
import { verifyXpopFor } from "../core/xrpl/verify-xpop-for.ts";
import { type LedgerBytes, wholeLedger } from "../core/xrpl/whole-ledger.ts";
import { readXpop } from "../core/xrpl/xpop.ts";
import type { Archive, Chain, HeardLedger } from "../ports.ts";
import { type EvidenceDeps, gatherEvidence } from "./gather-evidence.ts";
import { publishedJson } from "./published-json.ts";
import { readClosed } from "./read-closed.ts";

export interface ProveMonthDeps extends EvidenceDeps {
  readonly archive: Archive;
  readonly chain: Pick<Chain, "capture">;
  readonly verify: VerifySignature;
}

/** What came of looking for the validators' word. */
export type ProvePass =
  | { readonly state: "proven"; readonly detail: string; readonly fresh: boolean }
  | { readonly state: "unproven"; readonly detail: string }; // more validations, or a later ledger's, may come

/** Too few validations, another ledger, a list that is not of this time: another ledger or list may do. */
const mayPass: ReadonlySet<ErrorCode> = new Set([
  "XPOP_BELOW_QUORUM",
  "XPOP_REFUTED",
  "XRPL_CHAIN_REFUTED",
  "XRPL_LIST_REFUTED",
  "XRPL_LIST_MALFORMED",
]);

/**
 * Looks for the validators' signatures that prove the anchor of a month: those of its own ledger, or those of a later one
 * with the headers in between. What is found is judged by the verifier that outsiders use before it is written.
 *
 * @throws SettlementError `PARTITION_NOT_ANCHORED`, `XPOP_REFUTED` for a file that is there and does not verify,
 * `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_REFUTED`, `CHAIN_FORKED`, `ARCHIVE_CONFLICT`, `STATE_UNAVAILABLE`
 */
export async function proveMonth(month: Month, deps: ProveMonthDeps): Promise<ProvePass> {
  const { receipt } = await readClosed(deps.archive, month);
  if (!receipt)
    throw new SettlementError("PARTITION_NOT_ANCHORED", `${month} has no receipt yet, so there is nothing to prove`);
  const known = await deps.archive.read(month, "xpop.json");
  if (known) return { state: "proven", detail: judged(receipt, known, deps), fresh: false };
  const { heard: all, manifests, lists } = await gatherEvidence(receipt, deps);
  const heard = all.filter(({ ledgerIndex }) => ledgerIndex - receipt.header.index <= maxChainLength);
  const [late] = all;
  if (heard.length === 0 && late) return { state: "unproven", detail: tooLate(receipt, late) };
  if (heard.length === 0) return { state: "unproven", detail: "no validator was heard since the anchor" };
  if (lists.length === 0) return { state: "unproven", detail: "no publisher of a validator list answers" };
  const ledger = await deps.chain.capture(receipt.header.index);
  requireSame(receipt, ledger);
  const found = await search({ receipt, ledger, heard: worthTrying(heard), lists, manifests }, deps);
  if ("detail" in found) return { state: "unproven", detail: found.detail };
  const bytes = publishedJson(found.xpop);
  const detail = judged(receipt, bytes, deps);
  await deps.archive.write(month, "xpop.json", bytes);
  return { state: "proven", detail, fresh: true };
}

/** A network that was begun anew, or a server of another one, has another ledger under the same index. */
function requireSame({ header }: Receipt, ledger: LedgerBytes): void {
  if (equalBytes(wholeLedger(ledger).hash, ledgerHash(header))) return;
  throw new SettlementError(
    "CHAIN_FORKED",
    `the chain shows another ledger ${header.index} than the one that the receipt is of`,
  );
}

/** Ledgers that one look tries: those next to the anchor, whose proof is short, and those of which more is still heard. */
function worthTrying(heard: readonly HeardLedger[]): readonly HeardLedger[] {
  return [...new Set([...heard.slice(0, 4), ...heard.slice(-8)])];
}

function tooLate({ header }: Receipt, { ledgerIndex }: HeardLedger): string {
  return `the first ledger that validators were heard of is ${ledgerIndex}, more than ${maxChainLength} after the anchor's, ${header.index}`;
}

/** Looks that are taken before a proof is left to come later. */
const patience = 100;

/**
 * Looks until a month is proven, or for a while.
 *
 * @param pause - waits before the next look
 * @returns whose signatures prove it; undefined when they have not come
 * @throws SettlementError those of {@link proveMonth}
 */
export async function untilProven(
  month: Month,
  deps: ProveMonthDeps,
  pause: () => Promise<void>,
): Promise<string | undefined> {
  for (let looks = 0; looks < patience; looks++) {
    const passed = await proveMonth(month, deps);
    if (passed.state === "proven") return passed.detail;
    await pause();
  }
  return undefined;
}

/** The verdict of outsiders on what proves a receipt. @throws SettlementError `XPOP_REFUTED` */
function judged(receipt: Receipt, xpop: Uint8Array, { trust, verify }: ProveMonthDeps): string {
  const check = verifyXpopFor(receipt, readXpop(xpop), trust.publishers, verify);
  if ("pass" in check) return check.pass;
  throw new SettlementError(
    "XPOP_REFUTED",
    `the validators' word for ${receipt.month} proves nothing: ${check.unproven}`,
  );
}

interface Search {
  readonly receipt: Receipt;
  readonly ledger: LedgerBytes;
  readonly heard: readonly HeardLedger[];
  readonly lists: readonly ValidatorList[];
  readonly manifests: readonly Uint8Array[];
}

/** One ledger and one list that may make a proof. */
interface Candidate extends Pick<Search, "receipt" | "manifests"> {
  readonly heard: HeardLedger;
  readonly list: ValidatorList;
}

/** The first ledger and list that make a proof; the shortest chain of headers comes first. */
async function search(
  { receipt, ledger, heard, lists, manifests }: Search,
  deps: ProveMonthDeps,
): Promise<{ readonly xpop: JsonObject } | { readonly detail: string }> {
  const transaction = transactionId(receipt.blob);
  const chain = headerReader(receipt, deps);
  let detail = "";
  for (const each of heard) {
    const { validations } = each;
    for (const list of lists) {
      try {
        requireVotes({ receipt, heard: each, list, manifests }, deps);
        const following = await chain(each.ledgerIndex);
        const parts = { ledger, transaction, validations, list, manifests, chain: following };
        return { xpop: buildXpop(parts, deps.verify) };
      } catch (error) {
        if (!(error instanceof SettlementError) || !mayPass.has(error.code)) throw error;
        detail ||= error.message;
      }
    }
  }
  return { detail };
}

/**
 * Anybody can sign a validation: only a quorum of the list is worth reading the headers in between. Whether the list was in
 * force when a later ledger closed, its header tells; until then the signers' clocks do.
 */
function requireVotes({ receipt, heard, list, manifests }: Candidate, { verify }: ProveMonthDeps): void {
  const { ledgerIndex, validations } = heard;
  const { header } = receipt;
  const newerManifests = manifestsFor(validations, manifests);
  const isOwn = ledgerIndex === header.index;
  const contents = isOwn ? [listInForce(list, header.closeTimeRippleS)] : listContents(list);
  const counts = contents.map(({ content: { members, effectiveRippleS = 0, expirationRippleS } }) => {
    const ballot = { ledgerIndex, ledgerHash: fromHex(heard.ledgerHash), members, newerManifests };
    const inForce = isOwn ? {} : { fromRippleS: effectiveRippleS, untilRippleS: expirationRippleS };
    const most = mostVotes(ballot, validations, inForce);
    const needed = quorumOf(members.length);
    return {
      needed,
      votes: most < needed ? most : tallyVotes(ballot, validations, verify).votes.length,
      of: members.length,
    };
  });
  if (counts.some(({ votes, needed }) => votes >= needed)) return;
  const said = counts.map(
    ({ votes, of, needed }) => `${votes} of ${of} validators were heard of ledger ${ledgerIndex}, ${needed} are needed`,
  );
  throw new SettlementError("XPOP_BELOW_QUORUM", said.join("; "));
}

/** Headers after the receipt's ledger up to another one, each read once. */
function headerReader(
  { header }: Receipt,
  { chain }: ProveMonthDeps,
): (through: number) => Promise<readonly Uint8Array[]> {
  const read: Uint8Array[] = [];
  return async (through) => {
    for (let index = header.index + 1 + read.length; index <= through; index++) {
      const ledger = await chain.capture(index);
      if (wholeLedger(ledger).header.index !== index)
        throw new SettlementError("CHAIN_ANSWER_REFUTED", `asked for ledger ${index}, another one was given`);
      read.push(ledger.header);
    }
    return read.slice(0, through - header.index);
  };
}
