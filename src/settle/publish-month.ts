import { bundleJson } from "../core/bundle.ts";
import { SettlementError } from "../core/error.ts";
import { indexFiles } from "../core/event-index.ts";
import { judgeBundle } from "../core/judge-bundle.ts";
import type { Month } from "../core/month.ts";
import { makeVkey } from "../core/note.ts";
import { newTiles, tilePath, tilesOfSize } from "../core/tiles.ts";
import type { Trust } from "../core/trust.ts";
import type { VerdictWord } from "../core/verdict.ts";
import { ledgerLogBefore, ledgerTileName } from "./ledger-tiles.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "./ledger-view.ts";
import { monthProver, type ProveDeps } from "./prove-inclusion.ts";
import { publishedJson } from "./published-json.ts";
import type { CloseDeps } from "./close-partition.ts";
import { type DerivedDeps, writeDerived } from "./write-derived.ts";

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
  const tilesRebuilt = await rebuildDerived(view, month, deps);
  const own: Trust = {
    publishers: deps.publishers(),
    accounts: [{ network: receipt.network, account: receipt.account }],
    logs: [makeVkey(evidence.o, deps.key.publicKey)],
  };
  return { tilesRebuilt, verdict: await judgeSample(view, partition, own, deps) };
}

/** @returns tiles and index files that were missing */
async function rebuildDerived(view: LedgerView, month: Month, deps: PublishDeps): Promise<number> {
  const { archive } = deps;
  const size = view.byMonth.get(month)?.manifest?.count ?? 0;
  const before = view.closed.findLast((each) => each.month < month)?.evidence?.s ?? 0;
  const names = [
    ...Object.values(indexFiles),
    ...Array.from(tilesOfSize(size), tilePath),
    ...newTiles(before, before + size).map((tile) => ledgerTileName({ path: tilePath(tile) })),
  ];
  let missing = 0;
  for (const name of names) if ((await archive.part(month, name, 0, 1)) === undefined) missing++;
  if (missing > 0) await writeDerived({ view, month, start: await ledgerLogBefore(view, month, deps) }, deps);
  return missing;
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
