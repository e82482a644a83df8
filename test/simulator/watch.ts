import { equalBytes, toHex } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { readAnchorMemos } from "../../src/core/memo.ts";
import { readMetadata, readTransaction, resultText } from "../../src/core/xrpl/anchor-transaction.ts";
import { ledgerHash, type LedgerHeader } from "../../src/core/xrpl/ledger-header.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import { readXpop } from "../../src/core/xrpl/xpop.ts";
import type { SqlRow } from "../../src/adapters/sql.ts";
import type { ClosedLedger, Engine } from "../../src/localnet/engine.ts";
import { anchoring } from "./accounts.ts";
import { nextSequence } from "./ledgers.ts";
import type { Host } from "./host.ts";
import type { Plan } from "./plan.ts";
import { shown } from "./shown.ts";
import type { Trace } from "./trace.ts";
import { isQuorum } from "./witnesses.ts";

/** A transaction that was signed for a month. */
interface Signed {
  readonly manifestHash: string;
  readonly hash: string;
  readonly sequence: number;
  readonly lastLedgerSequence: number;
}

interface Anchored {
  readonly hash: string;
  readonly ledgerIndex: number;
  readonly result: string;
}

/** Looks at everything as it happens, from outside of the product, and remembers what must never be. */
export interface Watch {
  readonly violations: readonly string[];
  violation(what: string): void;
  /** Validated transactions of the true network that anchor a manifest, whatever their result. */
  anchored(manifestHash: string): readonly Anchored[];
  /** Anchors on the true network. */
  anchors(): number;
  readonly signed: ReadonlyMap<string, Signed>;
  onClosed(): void;
  onSubmit(host: Host, blob: Uint8Array): Promise<void>;
  onChange(host: Host, table: string, row: SqlRow): void;
  /** A file of a month is there. */
  onWritten(name: string, bytes: Uint8Array): void;
  /** Proofs of months that were written. */
  proofs(): number;
  onFault(host: Host, what: string, error: unknown): void;
  /** Could this transaction still be validated? */
  isAlive(signed: Signed): boolean;
}

export function watchOver(truth: Engine, plan: Plan, trace: Trace): Watch {
  const violations: string[] = [];
  const signed = new Map<string, Signed>();
  const anchored = new Map<string, Anchored[]>();
  let proofs = 0;
  let readThrough = truth.last().index;

  function violation(what: string): void {
    if (violations.includes(what)) return;
    violations.push(what);
    trace.note("WATCH", `VIOLATION: ${what}`);
  }

  const isValidated = (hash: string): boolean => truth.transaction(hash)?.ledgerIndex !== undefined;
  const isSuccess = ({ manifestHash, hash }: Signed): boolean =>
    anchored.get(manifestHash)?.some((each) => each.hash === hash && each.result === "tesSUCCESS") ?? false;
  const isAlive = (one: Signed): boolean =>
    !isValidated(one.hash) &&
    one.lastLedgerSequence > truth.last().index &&
    one.sequence >= nextSequence(truth.last().state, anchoring.address);

  function learn(one: Signed): void {
    if (signed.has(one.hash)) return;
    signed.set(one.hash, one);
    // Who sees but another chain signs for that one. What is left of it can come only if it is sent again at home in time.
    if (plan.deceit === "dark" || !isAlive(one)) return;
    for (const other of signed.values()) {
      if (other.manifestHash !== one.manifestHash || other.sequence === one.sequence) continue;
      if (isAlive(other) || isSuccess(other))
        violation(`two transactions for one month could both be validated: ${other.hash} and ${one.hash}`);
    }
  }

  function anchorIn(blob: Uint8Array): Signed | undefined {
    const { account, memos, sequence, lastLedgerSequence } = readTransaction(blob);
    if (account !== anchoring.address) return undefined;
    const claim = readAnchorMemos(memos);
    if (!claim) return undefined;
    const hash = toHex(transactionId(blob)).toUpperCase();
    const { manifestHash } = claim.manifest;
    return { manifestHash, hash, sequence, lastLedgerSequence: lastLedgerSequence ?? Infinity };
  }

  function onAttempt(host: Host, row: SqlRow): void {
    const one: Signed = {
      manifestHash: shown(row["manifest_hash"]),
      hash: shown(row["hash"]),
      sequence: Number(row["sequence"]),
      lastLedgerSequence: Number(row["last_ledger_sequence"]),
    };
    const state = shown(row["state"]);
    const name = `${host.name}: attempt ${shown(row["number"])} for ${shown(row["month"])}, ${one.hash},`;
    learn(one);
    if (plan.deceit === "dark") return;
    if (state === "expired" && isAlive(one)) violation(`${name} is called expired and may still be validated`);
    if (state === "expired" && isSuccess(one)) violation(`${name} is called expired and is validated`);
    if (state === "anchored" && !isSuccess(one)) violation(`${name} is called anchored and is not`);
    if (state === "failed" && !(isValidated(one.hash) && !isSuccess(one)))
      violation(`${name} is called failed and did not fail`);
  }

  function onPartition(host: Host, row: SqlRow): void {
    if (shown(row["state"]) !== "proven") return;
    const anchors = anchored.get(shown(row["manifest_hash"])) ?? [];
    if (!anchors.some(({ result }) => result === "tesSUCCESS"))
      violation(`${host.name}: ${shown(row["month"])} is called proven, and the network does not hold its anchor`);
  }

  /** The true network has the ledger with the transaction, and the one that its true validators signed. */
  function onProof(bytes: Uint8Array): void {
    proofs++;
    const { header, chain, blob, validations } = readXpop(bytes);
    const what = `a proof was written of a transaction in ledger ${header.index}`;
    if (!heldLedger(header)?.transactions.some((held) => equalBytes(held.blob, blob)))
      return violation(`${what}, which the network does not hold there`);
    const last = heldLedger(chain.at(-1) ?? header);
    if (!last || !isQuorum(last, validations)) violation(`${what} without a quorum of the validators`);
  }

  function heldLedger(header: LedgerHeader): ClosedLedger | undefined {
    const ledger = truth.closedByIndex(header.index);
    return ledger?.hash === toHex(ledgerHash(header)).toUpperCase() ? ledger : undefined;
  }

  return {
    violations,
    violation,
    signed,
    isAlive,
    onChange(host, table, row) {
      if (table === "anchor_attempts") onAttempt(host, row);
      if (table === "partitions") onPartition(host, row);
    },
    onWritten(name, bytes) {
      if (name === "xpop.json") onProof(bytes);
    },
    proofs: () => proofs,
    anchors: () => [...anchored.values()].flat().filter(({ result }) => result === "tesSUCCESS").length,
    anchored: (manifestHash) => anchored.get(manifestHash) ?? [],
    onClosed() {
      for (; readThrough < truth.last().index; readThrough++) {
        for (const { blob, meta } of truth.closedByIndex(readThrough + 1)?.transactions ?? []) {
          const one = anchorIn(blob);
          if (!one) continue;
          const result = resultText(readMetadata(meta));
          const all = anchored.get(one.manifestHash) ?? [];
          anchored.set(one.manifestHash, [...all, { hash: one.hash, ledgerIndex: readThrough + 1, result }]);
          trace.note("network", `ledger ${readThrough + 1} holds ${one.hash.slice(0, 8)}, ${result}`);
          if (result === "tesSUCCESS" && all.some((each) => each.result === "tesSUCCESS"))
            violation(`manifest ${one.manifestHash} has two validated anchors`);
        }
      }
    },
    async onSubmit(host, blob) {
      const one = anchorIn(blob);
      if (!one) return;
      learn(one);
      if (host.wasWiped) return;
      const rows = await host.database.sql.query("select 1 as stored from settlement.anchor_attempts where hash = $1", [
        one.hash,
      ]);
      if (rows.length === 0) violation(`${host.name} sent ${one.hash} and has not stored it`);
    },
    onFault(host, what, error) {
      if (error instanceof SettlementError) trace.note(host.name, `${what} -> ${error.code}: ${error.message}`);
      else violation(`${what} broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    },
  };
}
