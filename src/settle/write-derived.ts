import { equalBytes, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { indexFactsJson, indexFiles } from "../core/event-index.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { OpenTiles } from "../core/open-tiles.ts";
import type { Archive, Ledger } from "../ports.ts";
import { ledgerTileName } from "./ledger-tiles.ts";
import type { LedgerOutline } from "./ledger-view.ts";
import { indexBuilder } from "./month-events.ts";
import { type Hashing, hashMonth, type Trees } from "./partition-claim.ts";
import { publishedJson } from "./published-json.ts";

export interface DerivedDeps extends Hashing {
  readonly ledger: Ledger;
  readonly archive: Archive;
  /** A root over entries by an implementation that shares nothing with ours. */
  readonly newSecondRoot: () => { append(entry: Uint8Array): void; root(): Uint8Array };
}

/** So many files at least are written with one wait for the disk, and so many wait for it at most: 8 KB each. */
const filesAtOnce = 100;
const mostWaiting = 500;

/** A month, and the ledger log as it was before it. */
export interface MonthAt {
  readonly view: LedgerOutline;
  readonly month: Month;
  readonly start: OpenTiles;
}

/**
 * Goes through a month once, and writes what can be made from its events at any time: the tiles of its log and of the
 * ledger log, and what finds its events. The root is computed a second time on the way.
 *
 * @throws SettlementError `SECOND_ROOT_MISMATCH`, `ARCHIVE_CONFLICT`, and those of `Ledger.scan`
 */
export async function writeDerived({ view, month, start }: MonthAt, deps: DerivedDeps): Promise<Trees> {
  const { ledger, archive, newSecondRoot } = deps;
  const index = indexBuilder();
  const second = newSecondRoot();
  let waiting: (readonly [name: string, bytes: Uint8Array])[] = [];
  // The files of one batch are written while the next one is hashed.
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;
  let later: number | undefined;
  let dialect: Dialect = view.form === "lines" ? "jsonl" : "monthly";
  const hashing = hashMonth({ view, month, ledger }, start, deps, {
    onTile: ({ path, bytes }) => waiting.push([path, bytes]),
    onLedgerTile: (tile) => waiting.push([ledgerTileName(tile), tile.bytes]),
    onEvents(events, from, to) {
      index.add(events, from, to);
      for (let at = from; at < to; at++) second.append(events.ids.subarray(32 * at, 32 * (at + 1)));
    },
    async onBatch(batch) {
      later ??= batch?.later;
      dialect = batch?.events.dialect ?? dialect;
      // What comes at the end hangs on all events, and waits for the facts.
      if (!batch || waiting.length < (isWriting ? mostWaiting : filesAtOnce)) return;
      const files = waiting;
      waiting = [];
      await writing;
      isWriting = true;
      writing = archive.writeAll(month, files).finally(() => (isWriting = false));
      writing.catch(() => undefined);
    },
  });
  const [hashed] = await Promise.allSettled([hashing]);
  // Nobody writes any more once this rejects.
  await writing;
  if (hashed.status === "rejected") throw hashed.reason;
  const trees = hashed.value;
  requireSame(month, trees, second.root());
  const { terms, bytes } = index.files();
  const { count, end } = index;
  const before = view.closed.findLast((each) => each.month < month)?.index;
  const rest = view.form === "array" ? 0 : Math.min(later ?? Infinity, count > 0 ? end - 1 : (before?.rest ?? 0));
  const facts = indexFactsJson({ dialect, form: view.form, count, terms, end, rest, about: true });
  // First, so that what an earlier try left of another number of events is noticed before partial tiles stand side by side.
  await archive.write(month, indexFiles.facts, publishedJson(facts));
  const written = await Promise.allSettled([archive.writeAll(month, waiting), archive.writeAll(month, [...bytes])]);
  for (const each of written) if (each.status === "rejected") throw each.reason;
  return trees;
}

function requireSame(month: Month, { root }: Trees, second: Uint8Array): void {
  if (equalBytes(second, root)) return;
  throw new SettlementError(
    "SECOND_ROOT_MISMATCH",
    `${month}: our root is ${toHex(root)}, merkletreejs says ${toHex(second)}; nothing was closed`,
  );
}
