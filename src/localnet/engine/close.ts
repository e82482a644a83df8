import { rippleEpochUnixS } from "../../core/xrpl/ledger-header.ts";
import { applyInPasses, buildLedger, closeResolutionS, draftOn, type Ledger } from "./build-ledger.ts";
import { canonicalOrder } from "./canonical-order.ts";
import { type Node } from "./node.ts";
import { isFailure } from "./results.ts";
import { process } from "./submit.ts";
import { type Transaction } from "./transaction.ts";

/** Closes the open ledger and opens the next one (rippled `RCLConsensus::Adaptor::doAccept`, `OpenLedger::accept`). */
export function closeLedger(node: Node, closeTimeRippleS: number | undefined): Ledger {
  const { config, chain, held } = node;
  process(
    node,
    held.takeAll().map((transaction) => ({ transaction, isLocal: false, failHard: false })),
  );
  const before = chain.last();
  const brought = Array.from(node.open.applied.values(), ({ transaction }) => transaction);
  const time = closeTimeRippleS ?? closeTimeAfter(before.header.closeTimeRippleS, config.nowUnixS());
  const { ledger, left } = buildLedger(config, before, brought, time);
  node.persist(ledger);
  chain.append(ledger);
  const included = new Set(ledger.transactions.map(({ hash }) => hash));
  node.queue.learn(
    ledger,
    draftOn(config, ledger, true),
    brought.filter(({ id }) => included.has(id)),
  );
  openNext(node, ledger, { brought, left });
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

interface Waiting {
  readonly brought: readonly Transaction[];
  readonly left: readonly Transaction[];
}

/** The new open ledger gets what the old one held and the closed one does not, then what this server still keeps. */
function openNext(node: Node, ledger: Ledger, { brought, left }: Waiting): void {
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
  applyInPasses(canonicalOrder(waiting.values(), ledger.hash), attempt);
  node.queue.drain(node.open);
  for (const transaction of node.local.inOrder())
    node.queue.admit(node.open, transaction, { mayRetry: false, failHard: false });
}
