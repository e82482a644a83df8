import { bundleJson } from "../core/bundle.ts";
import { SettlementError } from "../core/error.ts";
import { judgeBundle } from "../core/judge-bundle.ts";
import type { Month } from "../core/month.ts";
import { makeVkey } from "../core/note.ts";
import type { Trust } from "../core/trust.ts";
import type { VerdictWord } from "../core/verdict.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "./ledger-view.ts";
import { monthProver, type ProveDeps } from "./prove-inclusion.ts";
import { publishedJson } from "./published-json.ts";
import type { CloseDeps } from "./close-partition.ts";
import { completeDerived } from "./complete-derived.ts";
import type { DerivedDeps } from "./write-derived.ts";

export interface PublishDeps extends ProveDeps, DerivedDeps {
  readonly key: CloseDeps["key"];
  /** Publishers of validator lists that outsiders pin. */
  readonly publishers: () => Trust["publishers"];
}

export interface PublishedMonth {
  /** Tiles, and files that find events, that were missing and are there again. */
  readonly tilesRebuilt: number;
  /** What outsiders' verifier says of the month's first and last event; undefined for a month without events. */
  readonly verdict: VerdictWord | undefined;
}

/**
 * Makes an anchored month ready for the world: tiles that are missing are made again, and the first and the last event are
 * proven and judged by the verifier that outsiders use, before anybody else finds out.
 *
 * @throws SettlementError `PARTITION_NOT_ANCHORED`, `BUNDLE_REFUTED`, `LEDGER_REFUTED`
 */
export async function publishMonth(month: Month, deps: PublishDeps): Promise<PublishedMonth> {
  const view = await readLedgerView(deps);
  const partition = view.byMonth.get(month);
  if (!partition?.receipt || !partition.evidence)
    throw new SettlementError("PARTITION_NOT_ANCHORED", `${month} has no receipt yet, so there is nothing to publish`);
  const { receipt, evidence } = partition;
  const tilesRebuilt = await completeDerived(view, month, deps);
  const own: Trust = {
    publishers: deps.publishers(),
    accounts: [{ network: receipt.network, account: receipt.account }],
    logs: [makeVkey(evidence.o, deps.key.publicKey)],
  };
  return { tilesRebuilt, verdict: await judgeSample(view, partition, own, deps) };
}

async function judgeSample(
  view: LedgerView,
  partition: PartitionView,
  own: Trust,
  deps: PublishDeps,
): Promise<VerdictWord | undefined> {
  const { events, month } = partition;
  if (events.count === 0) return undefined;
  const prover = await monthProver(view, partition, deps);
  let word: VerdictWord | undefined;
  for (const index of new Set([0, events.count - 1])) {
    const bytes = publishedJson(bundleJson(await prover.prove(index)));
    const { verdict, summary } = judgeBundle(bytes, own, deps.verify);
    if (verdict !== "anchored" && verdict !== "proven")
      throw new SettlementError("BUNDLE_REFUTED", `${month}: the proof of leaf ${index} is ${verdict}: ${summary}`);
    word = verdict;
  }
  return word;
}
