import { SettlementError } from "../core/error.ts";
import { type IndexFacts, indexFiles, parseIndexFacts } from "../core/event-index.ts";
import type { Evidence } from "../core/evidence.ts";
import { parseJson } from "../core/json.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Manifest } from "../core/manifest.ts";
import { monthTeller } from "../core/membership.ts";
import { type Month, monthsBetween } from "../core/month.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import type { Receipt } from "../core/receipt.ts";
import type { SettlementInfo } from "../core/settlement-info.ts";
import type { Archive, Ledger } from "../ports.ts";
import { archivedIndex, indexBuilder, type IndexBuilder, indexedEvents, type MonthEvents } from "./month-events.ts";
import { type Published, readPublished } from "./read-closed.ts";

type PartitionState = "open" | "closed" | "anchored";

/** A month and what was published of it. */
export interface PartitionView {
  readonly month: Month;
  readonly state: PartitionState;
  readonly events: MonthEvents;
  readonly manifest?: Manifest;
  readonly evidence?: Evidence;
  readonly receipt?: Receipt;
  /** Bytes of `xpop.json`. */
  readonly xpop?: Uint8Array;
}

/** A ledger as it stands: every month from the first to the last. Of closed months that have an index no event is read. */
export interface LedgerView {
  readonly dialect: Dialect;
  /** Has each month a file of its own, or is there one list? */
  readonly form: PartitionForm;
  readonly settlement: SettlementInfo | undefined;
  readonly nodes: readonly NodeManifest[];
  readonly partitions: readonly PartitionView[];
  readonly byMonth: ReadonlyMap<Month, PartitionView>;
  readonly closed: readonly ClosedFacts[];
  /** Files of events: each month that has one, ascending, or the one list, `""`. */
  readonly files: readonly (Month | "")[];
}

/** A ledger and what was published of it. */
export interface LedgerSource {
  readonly ledger: Ledger;
  readonly archive: Archive;
}

/** What is known of closed months. */
export interface ClosedFacts extends Published {
  readonly month: Month;
  /** Of the files that find its events, where they are there. */
  readonly index: IndexFacts | undefined;
}

/**
 * @param through - shows months without events up to this one too: a quiet month is closed like any other
 * @throws SettlementError those of the ledger port, the codes of what was published when it is not well formed, and
 * `PARTITION_ALTERED` when the last event of a closed month is not in the list any more
 */
export async function readLedgerView(source: LedgerSource, through?: Month): Promise<LedgerView> {
  const { ledger } = source;
  const [frame, closed] = await Promise.all([ledger.frame(), readClosedFacts(source)]);
  const form: PartitionForm = frame.files.includes("") ? "lines" : "array";
  const held = form === "lines" ? await scanList(ledger, closed) : await scanMonths(source, frame.files, closed);
  const facts = new Map(closed.map((each) => [each.month, each]));
  const months = [...held.builders.keys(), ...facts.keys()].toSorted();
  const partitions = shownMonths(months, through).map((month): PartitionView => {
    const { index, month: _month, ...published } = facts.get(month) ?? { index: undefined, month };
    const found = index
      ? archivedIndex(source.archive, month, index)
      : (held.builders.get(month) ?? indexBuilder()).index();
    const state = published.receipt ? "anchored" : published.manifest ? "closed" : "open";
    return {
      month,
      state,
      events: indexedEvents(ledger, form === "lines" ? "" : month, found),
      ...published,
    };
  });
  return {
    dialect:
      held.dialect ?? closed.findLast(({ index }) => index)?.index?.dialect ?? (form === "lines" ? "jsonl" : "monthly"),
    form,
    settlement: frame.settlement,
    nodes: frame.nodes,
    partitions,
    byMonth: new Map(partitions.map((partition) => [partition.month, partition])),
    closed,
    files: frame.files,
  };
}

function shownMonths(months: readonly Month[], through: Month | undefined): Month[] {
  const [first, last] = [months[0], months.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = through !== undefined && through > last ? through : last;
  return monthsBetween(first, end);
}

/** What was published of closed months, ascending. @throws SettlementError as {@link readPublished} */
async function readClosedFacts(source: LedgerSource): Promise<readonly ClosedFacts[]> {
  const { archive } = source;
  return Promise.all(
    (await archive.months()).map(async (month): Promise<ClosedFacts> => {
      const published = await readPublished(archive, month);
      return { month, ...published, index: await readIndex(month, published.manifest, source) };
    }),
  );
}

/** Facts of an index, where it speaks of the month as it was closed, and its last event is where it says. */
async function readIndex(
  month: Month,
  manifest: Manifest | undefined,
  { ledger, archive }: LedgerSource,
): Promise<IndexFacts | undefined> {
  const bytes = await archive.read(month, indexFiles.facts);
  if (!bytes || !manifest) return undefined;
  try {
    const facts = parseIndexFacts(parseJson(bytes));
    if (facts.count !== manifest.count) return undefined;
    if (facts.count === 0) return facts;
    const file = facts.form === "lines" ? "" : month;
    const last = await indexedEvents(ledger, file, archivedIndex(archive, month, facts)).at(facts.count - 1);
    return last.id === manifest.range?.[1] ? facts : undefined;
  } catch (error) {
    // Whatever is wrong with it, it can be made again, and the events say the same.
    if (error instanceof SettlementError && error.code !== "LEDGER_UNREADABLE") return undefined;
    throw error;
  }
}

interface Held {
  readonly dialect: Dialect | undefined;
  /** By month, what finds the events of those months that have no index of their own. */
  readonly builders: ReadonlyMap<Month, IndexBuilder>;
}

async function scanMonths(
  { ledger }: LedgerSource,
  files: readonly (Month | "")[],
  closed: readonly ClosedFacts[],
): Promise<Held> {
  const indexed = new Map(closed.flatMap(({ month, index }) => (index ? [[month, index] as const] : [])));
  const builders = new Map<Month, IndexBuilder>();
  let dialect: { readonly name: Dialect; readonly month: Month } | undefined;
  const isOf = (name: Dialect, month: Month): void => {
    dialect ??= { name, month };
    if (dialect.name === name) return;
    throw new SettlementError(
      "LEDGER_MIXED_DIALECTS",
      `a ledger has events of one dialect, and those of ${dialect.month}.json and ${month}.json are not: keep one of them here`,
    );
  };
  for (const month of files) {
    const facts = indexed.get(month);
    if (facts) {
      if (facts.count > 0) isOf(facts.dialect, month);
      continue;
    }
    const builder = indexBuilder();
    builders.set(month, builder);
    for await (const events of ledger.scan(month)) {
      isOf(events.dialect, month);
      for (let at = 0; at < events.count; at++) builder.add(events, at);
    }
  }
  return { dialect: dialect?.name, builders };
}

/** Where a scan begins, and what tells the months of what it finds. */
export interface ListScan {
  readonly from: number;
  readonly tell: ReturnType<typeof monthTeller>;
}

/**
 * How the one list is scanned for the events that are in none of the months `before`, and of those among them that have
 * no index.
 *
 * @param before - ascending
 * @param closed - all months that the scan has to tell apart; those before when left out
 */
export function listScan(before: readonly ClosedFacts[], closed: readonly ClosedFacts[] = before): ListScan {
  const from = before.every(({ index }) => index) ? (before.at(-1)?.index?.rest ?? 0) : 0;
  const ahead = closed.filter((each) => !before.includes(each) || from === 0 || (each.index?.end ?? 0) > from);
  const ranges = ahead.flatMap(({ month, manifest }) => (manifest?.range ? [{ month, last: manifest.range[1] }] : []));
  return { from, tell: monthTeller(ranges, closed.at(-1)?.month) };
}

async function scanList(ledger: Ledger, closed: readonly ClosedFacts[]): Promise<Held> {
  const { from, tell } = listScan(closed);
  const indexed = new Set(closed.flatMap(({ month, index }) => (index ? [month] : [])));
  const builders = new Map<Month, IndexBuilder>();
  let dialect: Dialect | undefined;
  for await (const events of ledger.scan("", from)) {
    ({ dialect } = events);
    for (let at = 0; at < events.count; at++) {
      const month = tell(events.unixMs[at] ?? 0, events.ids, 32 * at);
      if (indexed.has(month)) continue;
      const builder = builders.get(month) ?? indexBuilder();
      builders.set(month, builder);
      builder.add(events, at);
    }
  }
  requireWhole(closed, builders);
  return { dialect, builders };
}

function requireWhole(closed: readonly ClosedFacts[], builders: ReadonlyMap<Month, IndexBuilder>): void {
  for (const { month, manifest, index } of closed) {
    if (index || !manifest?.range || builders.get(month)?.lastId === manifest.range[1]) continue;
    throw lastIsGone(month, manifest.range[1]);
  }
}

/** A closed month ends with the event it was closed with, or the list was altered. */
export function lastIsGone(month: Month, last: string | undefined): SettlementError {
  return new SettlementError(
    "PARTITION_ALTERED",
    `${month} was closed with event ${last} as its last, and the ledger does not hold that event any more; ` +
      "restore the events from a copy or from version control",
  );
}
