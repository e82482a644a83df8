import { sha256 as streamingSha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { evidenceLine, idBytes } from "../core/event.ts";
import { type Evidence, parseEvidence } from "../core/evidence.ts";
import { isMonth, type Month } from "../core/month.ts";
import type { JsonValue } from "../core/json.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { type Manifest, parseManifest } from "../core/manifest.ts";
import { partitionsOf } from "../core/membership.ts";
import { type NodeManifest, parseNodeManifest } from "../core/node-manifest.ts";
import { parseReceipt, type Receipt } from "../core/receipt.ts";
import { fullWidth } from "../core/tiles.ts";
import { hashBytes } from "../core/tree-hashing.ts";
import type { FindingSink } from "./finding.ts";
import { entriesOf, type Entry, type LedgerState } from "./ledger-state.ts";
import { readJsonFile, readTextFile } from "./read-ledger.ts";

/** What was published of a month, as far as it can be read. */
export interface ClosedMonth {
  readonly month: Month;
  /** `…/anchors/<month>/` */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly evidence: Evidence | undefined;
  /** The node manifests as they stood at the close. */
  readonly nodes: readonly NodeManifest[] | undefined;
  readonly checkpoint: string | undefined;
  readonly ledgerCheckpoint: string | undefined;
  readonly receipt: Receipt | undefined;
}

/** The events of a month in leaf order, as far as what was published of it speaks of them. */
export interface MonthLeaves {
  readonly count: number;
  /** 32 bytes; valid until the next call. */
  id(at: number): Uint8Array;
  /** Digest of the signed events as the evidence has it, lower-case hex. */
  digest(): string | Promise<string>;
}

/** Ids of a month in leaf order, a tile's width of them at a time; valid until the next ones. */
export function* idsOf(leaves: MonthLeaves | undefined): Generator<Uint8Array> {
  const held = new Uint8Array(fullWidth * hashBytes);
  const count = leaves?.count ?? 0;
  for (let from = 0; from < count; from += fullWidth) {
    const to = Math.min(count, from + fullWidth);
    for (let at = from; at < to; at++) held.set(leaves?.id(at) ?? new Uint8Array(), (at - from) * hashBytes);
    yield held.subarray(0, (to - from) * hashBytes);
  }
}

export interface ClosedMonths {
  /** Ascending. */
  readonly months: readonly ClosedMonth[];
  /** Every month from the first to the last. */
  readonly leaves: ReadonlyMap<Month, MonthLeaves>;
  /** The closed month that holds an event. */
  monthOf(event: LedgerEvent): Month | undefined;
}

/** A month of thousands of nodes keeps a long `nodes.json`. */
const maxSnapshotBytes = 268_435_456;

/** Closed months and the events themselves. */
export interface EventPartitions extends ClosedMonths {
  /** Events of every month from the first to the last, in leaf order. */
  readonly partitions: ReadonlyMap<Month, readonly LedgerEvent[]>;
  /** Events that were added to a closed month since: they stand in its file, and are none of its partition. */
  readonly late: ReadonlySet<LedgerEvent>;
}

/** Where published files are read from. */
type Shelf = Pick<LedgerState, "root" | "tree" | "read">;

/** What was published of each closed month. */
export async function readPublished(ledger: Shelf, sink: FindingSink): Promise<ClosedMonth[]> {
  const months: ClosedMonth[] = [];
  for (const month of archivedMonths(ledger)) {
    const closed = await readMonth(month, ledger, sink);
    if (closed) months.push(closed);
  }
  return months;
}

/** Told of a closed month whose last event is nowhere, so that what it holds cannot be known. */
export function reportUnfindable({ folder, manifest }: ClosedMonth, sink: FindingSink): void {
  const message = `its last event ${manifest.range?.[1]} is not in the ledger`;
  sink.add("MANIFEST_RANGE_MISMATCH", { file: `${folder}manifest.json` }, message);
}

/** Reads what was published of closed months, and finds out which events each of them holds; late ones are not told apart. */
export async function readClosedMonths(ledger: LedgerState, sink: FindingSink): Promise<EventPartitions> {
  const months = await readPublished(ledger, sink);
  const eventsOf = (entries: readonly Entry[]): LedgerEvent[] => entries.flatMap(({ event }) => event ?? []);
  const files = new Map(ledger.files.map(({ month, entries }) => [month, eventsOf(entries)] as const));
  const held = new Set(entriesOf(ledger).map(({ event }) => event?.id));
  const findable = months.filter((closed) => {
    const last = closed.manifest.range?.[1];
    const found = last === undefined || ledger.dialect === "monthly" || held.has(last);
    if (!found) reportUnfindable(closed, sink);
    return found;
  });
  const partitions = partitionsOf(files, new Map(findable.map(({ month, manifest }) => [month, manifest])));
  const holders = new Map(
    findable.flatMap(({ month }) => (partitions.get(month) ?? []).map((event) => [event, month] as const)),
  );
  const leaves = new Map(Array.from(partitions, ([month, events]) => [month, leavesOf(events)] as const));
  return { months, partitions, leaves, late: new Set(), monthOf: (event) => holders.get(event) };
}

export function leavesOf(events: readonly LedgerEvent[]): MonthLeaves {
  return {
    count: events.length,
    id: (at) => idBytes(events[at]?.id ?? ""),
    digest() {
      const digest = streamingSha256.create();
      for (const { json } of events) digest.update(evidenceLine(json));
      return toHex(digest.digest());
    },
  };
}

/** Months that have a folder under `anchors/`. */
function archivedMonths({ root, tree }: Shelf): readonly Month[] {
  const start = `${root}anchors/`;
  return [...tree.values()]
    .filter(({ path, kind }) => kind === "folder" && path.startsWith(start))
    .map(({ path }) => path.slice(start.length))
    .filter(isMonth)
    .toSorted();
}

async function readMonth(month: Month, ledger: Shelf, sink: FindingSink): Promise<ClosedMonth | undefined> {
  const folder = `${ledger.root}anchors/${month}/`;
  const { read } = ledger;
  const json = async <T>(name: string, parse: Parameters<typeof readJsonFile<T>>[3]): Promise<T | undefined> =>
    (await readJsonFile(folder + name, read, sink, parse, maxSnapshotBytes)).parsed;
  const manifest = await json("manifest.json", (value) => parseManifest(value));
  const present = new Set(
    [...ledger.tree.keys()].filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length)),
  );
  if (!present.has("manifest.json")) {
    reportUnfinished(month, folder, present, sink);
    return undefined;
  }
  for (const name of ["evidence.json", "nodes.json", "checkpoint", "ledger-checkpoint"]) {
    if (!present.has(name))
      sink.add("MONTH_INCOMPLETE", { file: folder + name }, `${month} is closed and has no ${name}`);
  }
  if (!manifest) return undefined;
  return {
    month,
    folder,
    manifest,
    evidence: await json("evidence.json", parseEvidence),
    nodes: await json("nodes.json", parseSnapshot),
    checkpoint: await readTextFile(`${folder}checkpoint`, read, sink),
    ledgerCheckpoint: await readTextFile(`${folder}ledger-checkpoint`, read, sink),
    receipt: await json("receipt.json", parseReceipt),
  };
}

function reportUnfinished(month: Month, folder: string, present: ReadonlySet<string>, sink: FindingSink): void {
  const witnessed = ["receipt.json", "xpop.json"].filter((name) => present.has(name));
  for (const name of witnessed) {
    sink.add("MONTH_INCOMPLETE", { file: folder + name }, `${month} was witnessed and has no manifest.json`);
  }
  if (witnessed.length === 0 && present.size > 0) {
    sink.add(
      "MONTH_CLOSE_UNFINISHED",
      { file: folder.slice(0, -1) },
      `${month} has no manifest.json, so it is not closed`,
    );
  }
}

function parseSnapshot(value: JsonValue): NodeManifest[] {
  if (!Array.isArray(value)) {
    throw new SettlementError("NODE_MALFORMED", "nodes.json must be a list of node manifests");
  }
  return (value as readonly JsonValue[]).map(parseNodeManifest);
}
