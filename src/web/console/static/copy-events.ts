import { SettlementError } from "../../../core/error.ts";
import { readPlaces } from "../../../core/event-index.ts";
import { parseJson } from "../../../core/json.ts";
import { type NodeManifest, parseNodeManifest } from "../../../core/node-manifest.ts";
import { placed } from "../../../core/placed.ts";
import { archivePath } from "../../../adapters/archive-names.ts";
import { linesFile } from "../../../adapters/read-event.ts";
import { readFilters } from "../../../settle/event-filters.ts";
import { type EventEntry, eventEntries, eventEntry, namesOfNode, searchPage } from "../../../settle/event-pages.ts";
import type { PartitionView } from "../../../settle/ledger-view.ts";
import { type EventLeaf, findEvent } from "../../../settle/prove-inclusion.ts";
import type { EventPage, EventQuery } from "../data.ts";
import type { Copy } from "./open-copy.ts";

/** Most bytes of events that are fetched before they are asked for. */
const aheadBytes = 2 ** 22;

/** The file that holds the events of a month. */
export function eventsFile({ site }: Copy, month: string): string {
  const listed = site.months.find((each) => each.month === month);
  return listed?.index.form === "lines" ? linesFile : `${month}.json`;
}

/** Where an event is, by its id or as `org/repo@version`. @throws SettlementError as {@link findEvent} */
export async function locate({ view, site }: Copy, name: string): Promise<EventLeaf> {
  try {
    return await findEvent(view, name);
  } catch (error) {
    if (!(error instanceof SettlementError) || error.code !== "EVENT_NOT_FOUND") throw error;
    throw new SettlementError(
      "EVENT_NOT_FOUND",
      `this copy, made at ${site.exportedAt}, holds no ${name.includes("@") ? "release" : "event"} ${name}; it has the months that were closed by then`,
      { cause: error },
    );
  }
}

/** Events of one month in leaf order, their texts fetched as one stretch. */
async function monthEvents(copy: Copy, month: string, { after, limit }: EventQuery): Promise<EventPage> {
  const partition = copy.view.byMonth.get(month) ?? (await copy.month(month));
  const from = after === undefined ? 0 : (await leafOf(partition, after)) + 1;
  const end = Math.min(partition.events.count, from + limit);
  await fetchAhead(copy, partition, from, end);
  const events: EventEntry[] = [];
  for await (const entry of eventEntries(partition, from)) if (events.push(entry) >= limit) break;
  return { events, next: end < partition.events.count ? (events.at(-1)?.id ?? null) : null };
}

async function leafOf({ month, events }: PartitionView, id: string): Promise<number> {
  const leaf = await events.find(id);
  if (leaf !== undefined) return leaf;
  throw new SettlementError("EVENT_NOT_FOUND", `${month} holds no event ${id} to go on after`);
}

async function fetchAhead(copy: Copy, { month }: PartitionView, from: number, end: number): Promise<void> {
  if (end - from < 2) return;
  const places = archivePath(month, "index/places");
  const read = async (start: number, length: number): Promise<Uint8Array> =>
    (await copy.files.part(places, start, length)) ?? new Uint8Array();
  const stretch = await readPlaces(read, from, end);
  const [first, last] = [stretch[0], stretch.at(-1)];
  const length = first && last ? last.offset + last.length - first.offset : 0;
  if (first && length > 0 && length <= aheadBytes) await copy.files.part(eventsFile(copy, month), first.offset, length);
}

/** The manifest of a node as it was when the copy was made. @param id - a node's */
export async function nodeOf({ files }: Copy, id: string): Promise<NodeManifest | undefined> {
  const path = `nodes/${id}/node.json`;
  const bytes = await files.read(path);
  return bytes && placed(path, () => parseNodeManifest(parseJson(bytes)));
}

async function search(copy: Copy, { filters = {}, after, limit }: EventQuery): Promise<EventPage> {
  const namesOf = async (id: string): Promise<readonly string[]> => {
    // Where events name their node, its keys need not be asked for.
    if (copy.view.dialect === "monthly") return [id];
    const node = await nodeOf(copy, id);
    return namesOfNode(id, node ? [node] : []);
  };
  const wanted = await readFilters((name) => filters[name] || undefined, namesOf);
  const last = after === undefined ? undefined : await locate(copy, after);
  const { items, next = null } = await searchPage(copy.view.partitions, wanted, { after: last, limit });
  return { events: items, next };
}

/** Events of a month, or of all months by what they say. @throws SettlementError */
export function eventsOf(copy: Copy, query: EventQuery): Promise<EventPage> {
  return query.month === undefined ? search(copy, query) : monthEvents(copy, query.month, query);
}

/** One event, its id in either case. @throws SettlementError `EVENT_NOT_FOUND`, `PARAMETER_MALFORMED` */
export async function eventOf(copy: Copy, id: string): Promise<EventEntry & Pick<PartitionView, "state">> {
  const { partition, index } = await locate(copy, id);
  return { ...(await eventEntry(partition, index)), state: partition.state };
}
