import { SettlementError } from "../core/error.ts";
import { type IndexFacts, indexFiles, parseIndexFacts } from "../core/event-index.ts";
import type { Evidence } from "../core/evidence.ts";
import { parseJson } from "../core/json.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Manifest } from "../core/manifest.ts";
import { type Month, monthsBetween } from "../core/month.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import type { Receipt } from "../core/receipt.ts";
import type { SettlementInfo } from "../core/settlement-info.ts";
import type { Archive, Ledger } from "../ports.ts";
import { archivedIndex, indexBuilder, type IndexBuilder, indexedEvents, type MonthEvents } from "./month-events.ts";
import { type ClosedFacts, type EventFiles, lastIsGone, listScan } from "./list-scan.ts";
import { detailedIndex } from "./month-scan.ts";
import { readPublished } from "./read-closed.ts";

type PartitionState = "open" | "closed" | "anchored";

/** A month and what was published of it. */
export interface PartitionOutline {
  readonly month: Month;
  readonly state: PartitionState;
  readonly manifest?: Manifest;
  readonly evidence?: Evidence;
  readonly receipt?: Receipt;
  /** Bytes of `xpop.json`. */
  readonly xpop?: Uint8Array;
}

export interface PartitionView extends PartitionOutline {
  readonly events: MonthEvents;
}

/** A ledger without its events: every month from the first to the last, and what was published. */
export interface LedgerOutline extends EventFiles {
  readonly settlement: SettlementInfo | undefined;
  readonly nodes: readonly NodeManifest[];
  readonly partitions: readonly PartitionOutline[];
  readonly byMonth: ReadonlyMap<Month, PartitionOutline>;
}

/** A ledger as it stands. Of closed months that have an index no event is read. */
export interface LedgerView extends Omit<LedgerOutline, "partitions" | "byMonth"> {
  readonly dialect: Dialect;
  readonly partitions: readonly PartitionView[];
  readonly byMonth: ReadonlyMap<Month, PartitionView>;
}

/** A ledger and what was published of it. */
export interface LedgerSource {
  readonly ledger: Ledger;
  readonly archive: Archive;
}

/**
 * No event is read where each month has a file, nor of one list once a month is closed.
 *
 * @param through - shows months without events up to this one too: a quiet month is closed like any other. Of one list,
 * months after the last closed one are shown up to this one alone
 * @throws SettlementError those of `Ledger.frame`, and the codes of what was published when it is not well formed
 */
export async function readLedgerOutline(source: LedgerSource, through?: Month): Promise<LedgerOutline> {
  const files = await readFiles(source);
  const { form, closed } = files;
  const inFiles = files.files.flatMap((month) => (month === "" ? [] : [month]));
  const held = form === "lines" && closed.length === 0 ? await scanList(source.ledger, closed) : undefined;
  const months = [...inFiles, ...(held?.builders.keys() ?? []), ...closed.map(({ month }) => month)];
  const partitions = outlineOf(months, through, closed);
  return { ...files, partitions, byMonth: new Map(partitions.map((each) => [each.month, each])) };
}

async function readFiles(source: LedgerSource): Promise<Omit<LedgerOutline, "partitions" | "byMonth">> {
  const [{ settlement, nodes, files }, closed] = await Promise.all([source.ledger.frame(), readClosedFacts(source)]);
  return { form: files.includes("") ? "lines" : "array", files, closed, settlement, nodes };
}

function outlineOf(
  months: readonly Month[],
  through: Month | undefined,
  closed: readonly ClosedFacts[],
): readonly PartitionOutline[] {
  const facts = new Map(closed.map((each) => [each.month, each]));
  return shownMonths(months.toSorted(), through).map((month) => {
    const { index: _index, ...published }: Partial<ClosedFacts> = facts.get(month) ?? {};
    return { ...published, month, state: published.receipt ? "anchored" : published.manifest ? "closed" : "open" };
  });
}

/**
 * @param through - shows months without events up to this one too: a quiet month is closed like any other
 * @throws SettlementError those of the ledger port, the codes of what was published when it is not well formed, and
 * `PARTITION_ALTERED` when the last event of a closed month is not in the list any more
 */
export async function readLedgerView(source: LedgerSource, through?: Month): Promise<LedgerView> {
  const { ledger, archive } = source;
  const files = await readFiles(source);
  const { form, closed } = files;
  const held = form === "lines" ? await scanList(ledger, closed) : await scanMonths(source, files.files, closed);
  const indexes = new Map(closed.map(({ month, index }) => [month, index]));
  const months = [...held.builders.keys(), ...indexes.keys()];
  const partitions = outlineOf(months, through, closed).map((outline): PartitionView => {
    const { month } = outline;
    const facts = indexes.get(month);
    const found = facts
      ? archivedIndex(archive, month, facts)
      : (held.builders.get(month) ?? indexBuilder()).index(() => detailedIndex(files, month, ledger));
    return { ...outline, events: indexedEvents(ledger, form === "lines" ? "" : month, found) };
  });
  const indexed = closed.findLast(({ index }) => index)?.index?.dialect;
  return {
    ...files,
    dialect: held.dialect ?? indexed ?? (form === "lines" ? "jsonl" : "monthly"),
    partitions,
    byMonth: new Map(partitions.map((partition) => [partition.month, partition])),
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

async function scanList(ledger: Ledger, closed: readonly ClosedFacts[]): Promise<Held> {
  const { from, tell } = listScan(closed);
  const indexed = new Set(closed.flatMap(({ month, index }) => (index ? [month] : [])));
  const builders = new Map<Month, IndexBuilder>();
  let dialect: Dialect | undefined;
  for await (const events of ledger.scan("", { from })) {
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
