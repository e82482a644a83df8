import { fromHex, toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Month } from "../core/month.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Trust } from "../core/trust.ts";
import { buildXpop } from "../core/xrpl/build-xpop.ts";
import { maxChainLength } from "../core/xrpl/header-chain.ts";
import { ledgerHash } from "../core/xrpl/ledger-header.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { quorumOf, tallyVotes } from "../core/xrpl/quorum.ts";
import { listInForce, parseValidatorList, type ValidatorList } from "../core/xrpl/validator-list.ts";
import { verifyXpopFor } from "../core/xrpl/verify-xpop-for.ts";
import { type LedgerBytes, wholeLedger } from "../core/xrpl/whole-ledger.ts";
import { readXpop } from "../core/xrpl/xpop.ts";
import type { Archive, Chain, EvidenceStore, HeardLedger, PublishedLists, Validations } from "../ports.ts";
import { publishedJson } from "./published-json.ts";
import { readClosed } from "./read-closed.ts";

export interface ProveMonthDeps {
  readonly archive: Archive;
  readonly chain: Pick<Chain, "capture">;
  readonly validations: Validations;
  readonly evidence: EvidenceStore;
  readonly lists: PublishedLists;
  /** Publishers that outsiders pin: what is proven to nobody is not called proven. */
  readonly trust: Pick<Trust, "publishers">;
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
 * Keeps what validators have said of a ledger until now: it is gone with the process otherwise.
 *
 * @throws SettlementError `STATE_UNAVAILABLE`
 */
async function keepValidations(
  { network, header }: Pick<Receipt, "network" | "header">,
  { validations, evidence }: Pick<ProveMonthDeps, "validations" | "evidence">,
): Promise<void> {
  const hash = toHex(ledgerHash(header)).toUpperCase();
  const heard = validations.heardFrom(header.index).find(({ ledgerHash: other }) => other === hash);
  for (const bytes of heard?.validations ?? []) {
    // The signature tells validations apart; the name has to be short and the same each time.
    const name = toHex(bytes.slice(-32));
    await evidence.keep({ network, ledgerIndex: header.index, ledgerHash: hash, kind: "validation", name, bytes });
  }
}

/**
 * Looks for the validators' signatures that prove the anchor of a month: those of its own ledger, or those of a later one
 * with the headers in between. What is found is judged by the verifier that outsiders use before it is written.
 *
 * @throws SettlementError `PARTITION_NOT_ANCHORED`, `XPOP_REFUTED` for a file that is there and does not verify,
 * `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_REFUTED`, `ARCHIVE_CONFLICT`, `STATE_UNAVAILABLE`
 */
export async function proveMonth(month: Month, deps: ProveMonthDeps): Promise<ProvePass> {
  const { receipt } = await readClosed(deps.archive, month);
  if (!receipt)
    throw new SettlementError("PARTITION_NOT_ANCHORED", `${month} has no receipt yet, so there is nothing to prove`);
  const known = await deps.archive.read(month, "xpop.json");
  if (known) return { state: "proven", detail: judged(receipt, known, deps), fresh: false };
  await keepValidations(receipt, deps);
  const heard = await heardOf(receipt, deps);
  if (heard.length === 0) return { state: "unproven", detail: "no validator was heard since the anchor" };
  const lists = await currentLists(deps);
  if (lists.length === 0) return { state: "unproven", detail: "no publisher of a validator list answers" };
  const ledger = await deps.chain.capture(receipt.header.index);
  const found = await search({ receipt, ledger, heard, lists }, deps);
  if ("detail" in found) return { state: "unproven", detail: found.detail };
  const bytes = publishedJson(found.xpop);
  const detail = judged(receipt, bytes, deps);
  await deps.archive.write(month, "xpop.json", bytes);
  return { state: "proven", detail, fresh: true };
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

/** Ledgers from the anchor's on of which something was heard, now or before a restart. */
async function heardOf({ network, header }: Receipt, deps: ProveMonthDeps): Promise<readonly HeardLedger[]> {
  const now = deps.validations
    .heardFrom(header.index)
    .filter(({ ledgerIndex }) => ledgerIndex - header.index <= maxChainLength);
  const hash = toHex(ledgerHash(header)).toUpperCase();
  const kept = await deps.evidence.find(network, header.index);
  const own = kept.filter(({ kind, ledgerHash: of }) => kind === "validation" && of === hash).map(({ bytes }) => bytes);
  if (own.length === 0) return now;
  const again = now.find(({ ledgerHash: of }) => of === hash)?.validations ?? [];
  const rest = now.filter(({ ledgerHash: of }) => of !== hash);
  return [{ ledgerIndex: header.index, ledgerHash: hash, validations: [...own, ...again] }, ...rest];
}

/** Those lists whose publisher is pinned; others prove nothing to anybody. */
async function currentLists({ lists, trust }: ProveMonthDeps): Promise<readonly ValidatorList[]> {
  const pinned = new Set(trust.publishers.map(({ publicKey }) => publicKey.toUpperCase()));
  return (await lists()).flatMap((value) => {
    const list = parsed(value);
    return list && pinned.has(toHex(list.publicKey).toUpperCase()) ? [list] : [];
  });
}

function parsed(value: JsonValue): ValidatorList | undefined {
  try {
    return parseValidatorList(value);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

interface Search {
  readonly receipt: Receipt;
  readonly ledger: LedgerBytes;
  readonly heard: readonly HeardLedger[];
  readonly lists: readonly ValidatorList[];
}

/** The first ledger and list that make a proof; the shortest chain of headers comes first. */
async function search(
  { receipt, ledger, heard, lists }: Search,
  deps: ProveMonthDeps,
): Promise<{ readonly xpop: JsonObject } | { readonly detail: string }> {
  const transaction = transactionId(receipt.blob);
  const chain = headerReader(receipt, deps);
  let detail = "";
  for (const each of heard) {
    for (const list of lists) {
      try {
        requireVotes(each, list, receipt, deps);
        const following = await chain(each.ledgerIndex);
        const parts = { ledger, transaction, validations: each.validations, list, chain: following };
        return { xpop: buildXpop(parts, deps.verify) };
      } catch (error) {
        if (!(error instanceof SettlementError) || !mayPass.has(error.code)) throw error;
        detail ||= error.message;
      }
    }
  }
  return { detail };
}

/** Anybody can sign a validation: only a quorum of the list is worth reading the headers in between. */
function requireVotes(
  { ledgerIndex, ledgerHash: hash, validations }: HeardLedger,
  list: ValidatorList,
  { header }: Receipt,
  { verify }: ProveMonthDeps,
): void {
  const { members } = listInForce(list, header.closeTimeRippleS).content;
  const ballot = { ledgerIndex, ledgerHash: fromHex(hash), members, newerManifests: [] };
  const { votes } = tallyVotes(ballot, validations, verify);
  if (votes.length >= quorumOf(members.length)) return;
  throw new SettlementError(
    "XPOP_BELOW_QUORUM",
    `${votes.length} of ${members.length} validators were heard of ledger ${ledgerIndex}, ${quorumOf(members.length)} are needed`,
  );
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
