import { checkAccount } from "../core/account-pin.ts";
import { equalBytes, fromHex, toHex } from "../core/bytes.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { SettlementError } from "../core/error.ts";
import { idBytes } from "../core/event.ts";
import type { Evidence } from "../core/evidence.ts";
import type { Manifest } from "../core/manifest.ts";
import { type AnchorClaim, readAnchorMemos } from "../core/memo.ts";
import { leafHash, rootOf } from "../core/merkle.ts";
import { merkleV1Root } from "../core/merkle-v1.ts";
import type { Trust } from "../core/trust.ts";
import { type Layer, layer, type LayerName, type LayerStatus, type Verdict } from "../core/verdict.ts";
import { anchoringAccount } from "../core/verify-receipt.ts";
import { readTransaction } from "../core/xrpl/anchor-transaction.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { type LedgerBytes, wholeLedger } from "../core/xrpl/whole-ledger.ts";
import { isMonth } from "../core/month.ts";
import type { NetworkName } from "../core/network.ts";
import type { Archive, Ledger } from "../ports.ts";
import { ledgerLogBefore } from "./ledger-tiles.ts";
import type { LedgerView } from "./ledger-view.ts";
import { idsOfMonth } from "./month-scan.ts";
import { type Hashing, hashMonth } from "./partition-claim.ts";

/** A transaction as a server gave it, with the ledger it is in. */
export interface FetchedAnchor {
  readonly hash: string;
  readonly network: NetworkName;
  /** Of the server that gave it. */
  readonly networkId: number;
  readonly captured: LedgerBytes;
}

function refuse(message: string): never {
  throw new SettlementError("RECEIPT_REFUTED", message);
}

function own({ hash, captured }: FetchedAnchor): LedgerBytes["transactions"][number] {
  const id = fromHex(hash);
  return (
    captured.transactions.find(({ blob }) => equalBytes(transactionId(blob), id)) ??
    refuse(`the ledger does not hold transaction ${hash}`)
  );
}

export interface VerifyAnchorDeps extends Hashing {
  readonly view: LedgerView;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly trust: Trust;
  readonly verify: VerifySignature;
}

/**
 * Ids of the events a manifest counts: those of the month it names, or, under any other label, the window in file order
 * that a network closed itself. A month is whole or it is not that month.
 */
async function idsOf(
  { partitionId, range, count }: Manifest,
  { view, ledger }: VerifyAnchorDeps,
): Promise<readonly string[] | undefined> {
  const window = isMonth(partitionId)
    ? await idsOfMonth(view, partitionId, ledger)
    : await windowOf(view, ledger, range?.[0], count);
  const isCounted = window.length === count && window[0] === range?.[0] && window.at(-1) === range?.[1];
  return isCounted && (count > 0 || view.byMonth.has(partitionId)) ? window : undefined;
}

/** The part of the evidence memo that the ledger at hand contradicts: signatures are in the digest, other months in the log. */
async function contradiction(evidence: Evidence, deps: VerifyAnchorDeps): Promise<string | undefined> {
  const { view, ledger, archive, verify, ...hashing } = deps;
  if (!view.byMonth.has(evidence.p)) return "month";
  const start = await ledgerLogBefore(view, evidence.p, { ledger, archive, verify, ...hashing });
  const { digest, ledgerSize, ledgerRoot } = await hashMonth({ view, month: evidence.p, ledger }, start, hashing);
  if (toHex(digest) !== evidence.d) return "digest of the events and their signatures (d)";
  return ledgerSize === evidence.s && toHex(ledgerRoot) === evidence.l ? undefined : "ledger log (s, l)";
}

async function windowOf(
  view: LedgerView,
  ledger: Ledger,
  first: string | undefined,
  count: number,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const file of view.files) {
    for await (const events of ledger.scan(file)) {
      for (let at = 0; at < events.count && ids.length < count; at++) {
        const id = toHex(events.ids.subarray(32 * at, 32 * (at + 1)));
        if (ids.length > 0 || id === first) ids.push(id);
      }
    }
  }
  return ids;
}

function rootFor(algo: Manifest["algo"], ids: readonly string[], sha256: Sha256): Hash {
  const entries = ids.map(idBytes);
  return algo === "sha256-merkle-v1"
    ? merkleV1Root(entries, sha256)
    : rootOf(
        entries.map((entry) => leafHash(entry, sha256)),
        sha256,
      );
}

/** What the ledger at hand says of a claim, found before the layers are judged. */
interface AtHand {
  readonly ids: readonly string[] | undefined;
  readonly contradiction: string | undefined;
}

async function lookAt(fetched: FetchedAnchor, deps: VerifyAnchorDeps): Promise<AtHand> {
  const claim = claimIn(fetched, deps.sha256);
  const ids = claim && (await idsOf(claim.manifest, deps));
  const other = ids && claim.evidence && (await contradiction(claim.evidence, deps));
  return { ids, contradiction: other };
}

function claimIn(fetched: FetchedAnchor, sha256: Sha256): AnchorClaim | undefined {
  try {
    return readAnchorMemos(readTransaction(own(fetched).blob).memos, sha256);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

/**
 * Judges an anchor by its transaction against a ledger at hand: every event of it is hashed again.
 *
 * What a server says of its own ledger is recomputed as far as it goes; that the ledger is the network's own is the
 * server's word, so the verdict is never better than `anchored`, and that only for a pinned account.
 */
export async function verifyAnchor(fetched: FetchedAnchor, deps: VerifyAnchorDeps): Promise<Verdict> {
  const { hash, network, captured } = fetched;
  const { trust, sha256 } = deps;
  const atHand = await lookAt(fetched, deps);
  let claim: AnchorClaim | undefined;
  let account: string | undefined;
  const layers: Layer[] = [
    layer("ledger", () => {
      const { header, hash: ledger } = wholeLedger(captured);
      return { pass: `ledger ${header.index}, hash ${toHex(ledger).toUpperCase()}` };
    }),
    layer("transaction", () => {
      account = anchoringAccount({ ...own(fetched), networkId: fetched.networkId });
      return { pass: `${hash} by ${account}, tesSUCCESS` };
    }),
    layer("account", () =>
      account === undefined
        ? { unproven: "there is no transaction to take it from" }
        : checkAccount(network, account, trust.accounts),
    ),
    layer("memo", () => {
      claim = readAnchorMemos(readTransaction(own(fetched).blob).memos, sha256);
      if (!claim) return refuse("the transaction holds no anchor memo");
      const { partitionId, count, root, network: named } = claim.manifest;
      if (named !== network) refuse(`the memo is for ${named}, the transaction is on ${network}`);
      return { pass: `${partitionId}: ${count} events, root ${root}` };
    }),
    layer("inclusion", () => {
      if (!claim) return refuse("there is no claim to recompute");
      const { manifest } = claim;
      const { ids } = atHand;
      if (!ids) return { unproven: `this ledger does not hold the ${manifest.count} events the memo counts` };
      const computed = toHex(rootFor(manifest.algo, ids, sha256));
      if (computed !== manifest.root)
        refuse(`the ${manifest.count} events hash to ${computed}, the memo says ${manifest.root}`);
      if (atHand.contradiction !== undefined)
        refuse(`the ledger at hand gives another ${atHand.contradiction} than the evidence memo`);
      return { pass: `the ${manifest.count} events at hand hash to that root (${manifest.algo})` };
    }),
    {
      layer: "validators",
      status: "unproven",
      detail: "no validator's signature is at hand: that the network validated this ledger is the server's word",
    },
  ];
  return verdictOf(fetched, account, layers);
}

function verdictOf({ hash, network }: FetchedAnchor, account: string | undefined, layers: readonly Layer[]): Verdict {
  const statusOf = (name: LayerName): LayerStatus | undefined => layers.find((each) => each.layer === name)?.status;
  const pinned = statusOf("account") === "pass";
  const failing = layers.find(({ status }) => status === "fail");
  const isWhole = layers.every(({ layer: name, status }) => name === "validators" || status === "pass");
  const hint = pinned ? "pinned" : "not pinned: anyone can anchor from an account of their own";
  return {
    verdict: failing ? "failed" : isWhole ? "anchored" : "unproven",
    summary: failing
      ? `The ${failing.layer} does not hold: ${failing.detail}`
      : `Transaction ${hash} on ${network} by account ${account ?? "unknown"} (${hint}).`,
    account: { address: account ?? null, pinned },
    layers,
  };
}
