import { checkAccount } from "../core/account-pin.ts";
import { equalBytes, fromHex, toHex } from "../core/bytes.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import { SettlementError } from "../core/error.ts";
import { idBytes } from "../core/event.ts";
import type { Evidence } from "../core/evidence.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
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

import type { LedgerView } from "./ledger-view.ts";
import { hashPartition } from "./partition-claim.ts";

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

/**
 * The events a manifest counts: those of the month it names, or, under any other label, the window in file order that a
 * network closed itself. A month is whole or it is not that month.
 */
function eventsOf(view: LedgerView, { partitionId, range, count }: Manifest): readonly LedgerEvent[] | undefined {
  const window = isMonth(partitionId)
    ? (view.byMonth.get(partitionId)?.events ?? [])
    : windowOf(view, range?.[0], count);
  const isCounted = window.length === count && window[0]?.id === range?.[0] && window.at(-1)?.id === range?.[1];
  return isCounted && (count > 0 || view.byMonth.has(partitionId)) ? window : undefined;
}

/** The part of the evidence memo that the ledger at hand contradicts: signatures are in the digest, other months in the log. */
function contradiction(evidence: Evidence, view: LedgerView, sha256: Sha256): string | undefined {
  const partition = view.byMonth.get(evidence.p);
  if (!partition) return "month";
  const { digest, ledgerSize, ledgerRoot } = hashPartition(view, partition, { sha256 });
  if (toHex(digest) !== evidence.d) return "digest of the events and their signatures (d)";
  return ledgerSize === evidence.s && toHex(ledgerRoot) === evidence.l ? undefined : "ledger log (s, l)";
}

function windowOf({ inFileOrder }: LedgerView, first: string | undefined, count: number): readonly LedgerEvent[] {
  const start = inFileOrder.findIndex(({ id }) => id === first);
  return start < 0 ? [] : inFileOrder.slice(start, start + count);
}

function rootFor(algo: Manifest["algo"], events: readonly LedgerEvent[], sha256: Sha256): Hash {
  const entries = events.map(({ id }) => idBytes(id));
  return algo === "sha256-merkle-v1"
    ? merkleV1Root(entries, sha256)
    : rootOf(
        entries.map((entry) => leafHash(entry, sha256)),
        sha256,
      );
}

/**
 * Judges an anchor by its transaction against a ledger at hand: every event of it is hashed again.
 *
 * What a server says of its own ledger is recomputed as far as it goes; that the ledger is the network's own is the
 * server's word, so the verdict is never better than `anchored`, and that only for a pinned account.
 */
export function verifyAnchor(fetched: FetchedAnchor, view: LedgerView, trust: Trust, sha256: Sha256): Verdict {
  const { hash, network, captured } = fetched;
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
      const events = eventsOf(view, manifest);
      if (!events) return { unproven: `this ledger does not hold the ${manifest.count} events the memo counts` };
      const computed = toHex(rootFor(manifest.algo, events, sha256));
      if (computed !== manifest.root)
        refuse(`the ${manifest.count} events hash to ${computed}, the memo says ${manifest.root}`);
      const other = claim.evidence && contradiction(claim.evidence, view, sha256);
      if (other !== undefined) refuse(`the ledger at hand gives another ${other} than the evidence memo`);
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
