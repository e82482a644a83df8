import { rippleEpochUnixS } from "../../core/xrpl/ledger-header.ts";
import { buildLedger, type Built } from "./build-ledger.ts";
import { canonicalOrder } from "./canonical-order.ts";
import { closeResolutionS, draftOn, type Ledger } from "./ledger.ts";
import { type Node } from "./node.ts";
import { applyInPasses } from "./passes.ts";
import { isFailure } from "./results.ts";
import { bringIn } from "./submit.ts";
import { type Transaction } from "./transaction.ts";

/** Closes the open ledger and opens the next one (rippled `RCLConsensus::Adaptor::doAccept`, `OpenLedger::accept`). */
export function closeLedger(node: Node, closeTimeRippleS: number | undefined): Ledger {
  const { config, chain, held } = node;
  bringIn(
    node,
    held.takeAll().map((transaction) => ({ transaction, isLocal: false, failHard: false })),
  );
  const before = chain.last();
  const brought = Array.from(node.open.applied.values(), ({ transaction }) => transaction);
  const time = closeTimeRippleS ?? closeTimeAfter(before.header.closeTimeRippleS, config.nowUnixS());
  const built = buildLedger(config, before, brought, time);
  const { ledger } = built;
  node.persist(ledger);
  chain.append(ledger);
  const included = new Set(ledger.transactions.map(({ hash }) => hash));
  node.queue.learn(
    ledger,
    draftOn(config, ledger, true),
    brought.filter(({ id }) => included.has(id)),
  );
  openNext(node, brought, built);
  node.local.sweep(ledger);
  return ledger;
}

/** Now, rounded to the resolution, and after the parent. */
function closeTimeAfter(parentRippleS: number, nowUnixS: number): number {
  return Math.max(roundedCloseTime(nowUnixS - rippleEpochUnixS), parentRippleS + 1);
}

export function roundedCloseTime(rippleS: number): number {
  return Math.floor((Math.floor(rippleS) + closeResolutionS / 2) / closeResolutionS) * closeResolutionS;
}

/** The new open ledger gets what the old one held and the closed one does not, then what this server still keeps. */
function openNext(node: Node, brought: readonly Transaction[], { ledger, left, saltHex }: Built): void {
  node.open = draftOn(node.config, ledger, true);
  const attempt = (transaction: Transaction, mayRetry: boolean): "done" | "failed" | "retry" => {
    const { result, isApplied } = node.queue.admit(node.open, transaction, { mayRetry, failHard: false });
    if (isApplied) return "done";
    return isFailure(result) ? "failed" : "retry";
  };
  const included = new Set(ledger.transactions.map(({ hash }) => hash));
  const again = brought.filter(({ id }) => !included.has(id));
  const waiting = new Map(left.map((transaction) => [transaction.id, transaction]));
  for (const transaction of again) if (attempt(transaction, true) === "retry") waiting.set(transaction.id, transaction);
  applyInPasses(canonicalOrder(waiting.values(), saltHex), attempt);
  node.queue.drain(node.open);
  for (const transaction of node.local.inOrder())
    node.queue.admit(node.open, transaction, { mayRetry: false, failHard: false });
}
