import { checkAccount, pinOf } from "../account-pin.ts";
import { type VerifySignature, verifyEd25519 } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import type { JsonValue } from "../json.ts";
import { type AnchorClaim, readAnchorMemos } from "../memo.ts";
import { isIdOfNetwork, networkIdOf, type NetworkName, parseNetworkName } from "../network.ts";
import type { Trust } from "../trust.ts";
import { type Check, type Layer, layer, type Verdict, type VerdictWord } from "../verdict.ts";
import { accountSetType, resultText, typeText } from "./anchor-transaction.ts";
import { examineXpop, type XpopFindings } from "./examine-xpop.ts";
import { parseXpop, readXpop } from "./xpop.ts";
import { type XpopFacts, xpopFacts, xpopSummary } from "./xpop-facts.ts";

export interface XpopVerdict extends Verdict {
  /** Null unless the verdict is `proven`. */
  readonly facts: XpopFacts | null;
}

export interface XpopOptions {
  /** The network the XPOP is said to be of; without it a pinned publisher of any network will do. */
  readonly network?: NetworkName;
  /** {@link verifyEd25519} by default. */
  readonly verify?: VerifySignature;
}

/**
 * The verdict on a bare XPOP: `proven` when a quorum of the validators that a pinned publisher names signed the ledger,
 * whatever the transaction does; `unproven` when too few did or nobody pinned names them; else `failed`. A transaction
 * with an anchor memo says that it anchors, and is `failed` where it does not, or where another account
 * is pinned, also under good signatures: `proven` never stands beside a claim that is refuted. Pure: no network, no clock;
 * lists are judged by the close time of the ledger, so a proof outlives them.
 *
 * @param xpop - bytes of the file, or its parsed JSON
 * @throws SettlementError for what is no XPOP at all: those of `readXpop`; `NETWORK_UNKNOWN`
 */
export function verifyXpop(
  xpop: Uint8Array | JsonValue,
  { publishers, accounts }: Pick<Trust, "publishers" | "accounts">,
  { network, verify = verifyEd25519 }: XpopOptions = {},
): XpopVerdict {
  const parsed = xpop instanceof Uint8Array ? readXpop(xpop) : parseXpop(xpop);
  const asked = network === undefined ? {} : { network: parseNetworkName(network) };
  const { layers: examined, findings } = examineXpop(parsed, { publishers, ...asked }, verify);
  let claim: AnchorClaim | undefined;
  const layers = [
    ...examined,
    layer("memo", () => {
      claim = anchorClaim(findings);
      return memoCheck(claim, findings);
    }),
    layer("account", () => accountCheck(claim, findings, accounts)),
  ];
  const verdict = wordOf(layers, examined);
  const facts = verdict === "proven" ? xpopFacts(parsed, findings, claim ?? null) : null;
  const address = findings.transaction?.account ?? null;
  const pinned =
    claim !== undefined && address !== null && pinOf(claim.manifest.network, address, accounts) === "equal";
  const account = { address, pinned };
  return { verdict, summary: xpopSummary(parsed, layers, { facts, claim, account }), account, layers, facts };
}

function wordOf(layers: readonly Layer[], examined: readonly Layer[]): VerdictWord {
  if (layers.some(({ status }) => status === "fail")) return "failed";
  return examined.every(({ status }) => status === "pass") ? "proven" : "unproven";
}

function refuse(message: string): never {
  throw new SettlementError("XPOP_REFUTED", message);
}

/** The anchor that the transaction bears. */
function anchorClaim({ transaction }: XpopFindings): AnchorClaim | undefined {
  return transaction && readAnchorMemos(transaction.memos);
}

/** An anchor is a successful AccountSet on the network that its memo names. */
function memoCheck(claim: AnchorClaim | undefined, { transaction, metadata, network }: XpopFindings): Check {
  if (!transaction || !metadata) return { unproven: "there is no transaction to read" };
  if (!claim) return { unproven: "the transaction bears no anchor memo: it anchors no month" };
  const { partitionId, count, root, manifestHash, network: named } = claim.manifest;
  if (transaction.transactionType !== accountSetType) refuse(`a ${typeText(transaction)} anchors nothing`);
  if (metadata.transactionResult !== 0)
    refuse(`a transaction that did not succeed anchors nothing: ${resultText(metadata)}`);
  if (network !== undefined && named !== network) refuse(`the memo is for ${named}, the validators are of ${network}`);
  parseNetworkName(named);
  const { networkId } = transaction;
  const fits =
    networkId === undefined ? networkIdOf(named) <= 1024 : networkId > 1024 && isIdOfNetwork(named, networkId);
  if (!fits) refuse(`the memo is for ${named}, the transaction names the network ${networkId ?? "none"}`);
  return { pass: `${partitionId}: ${count} events, root ${root}, manifest ${manifestHash}, for ${named}` };
}

function accountCheck(
  claim: AnchorClaim | undefined,
  { transaction }: XpopFindings,
  accounts: Trust["accounts"],
): Check {
  if (!transaction) return { unproven: "there is no transaction to take it from" };
  if (!claim) return { unproven: `the transaction is by ${transaction.account}; pins are for accounts that anchor` };
  return checkAccount(claim.manifest.network, transaction.account, accounts);
}
