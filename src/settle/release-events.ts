import { type AnchoredWindows, anchoredWindows, rememberedWindows } from "../core/anchored-windows.ts";
import { concatBytes, fromHex, isHashHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { anchorTerm, releaseTerm } from "../core/event-index.ts";
import type { Sha256 } from "../core/hash.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import { leafHash, treeAccumulator } from "../core/merkle.ts";
import { isAnchorEvent } from "../core/network-anchor.ts";
import type { NodeId } from "../core/node-id.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import { parseEntryBundle, tilePath, tilesOfSize } from "../core/tiles.ts";
import type { LedgerSnapshot } from "../ports.ts";
import type { LedgerSource, LedgerView, PartitionView } from "./ledger-view.ts";
import { scanMonth } from "./month-scan.ts";
import { type Wanted, searchEvents } from "./search-events.ts";

/** What releases are judged by. Events come as the files hold them: months ascending, or the order of the one list. */
export interface ReleaseLedger {
  readonly dialect: Dialect;
  readonly nodes: readonly NodeManifest[];
  /** Releases of a repository, or those of one version of it. */
  releases(repo: NodeId, version?: string): Promise<readonly LedgerEvent[]>;
  /** Every event that says something of a release, and perhaps others. */
  near(release: LedgerEvent): Promise<readonly LedgerEvent[]>;
  /** What a jsonl ledger says of keys. */
  keyEvents(): Promise<readonly LedgerEvent[]>;
  /** What a jsonl network says of its own anchors. */
  anchorEvents(): Promise<readonly LedgerEvent[]>;
  /** Windows over all events. */
  windows(sha256: Sha256): Promise<AnchoredWindows>;
}

/** A ledger all of whose events are at hand. */
export function releaseLedger({ dialect, nodes, files }: LedgerSnapshot): ReleaseLedger {
  const months = [...files.keys()].toSorted();
  const events = months.flatMap((month) => files.get(month) ?? []);
  const releases = events.filter(({ type }) => type === "ReleasePublished");
  return {
    dialect,
    nodes,
    releases: async (repo, version) =>
      releases.filter((event) => event.repo === repo && (version === undefined || event.version === version)),
    near: async () => events,
    keyEvents: async () => events,
    anchorEvents: async () => events.filter(isAnchorEvent),
    async windows(sha256) {
      const windows = rememberedWindows(sha256);
      for (const { id } of events) windows.add(id);
      return windows;
    },
  };
}

/** The same of a ledger whose events are read when they are asked for, by what finds them. */
export function indexedReleases(view: LedgerView, source: LedgerSource): ReleaseLedger {
  const { dialect, nodes } = view;
  const all = (...searches: readonly (readonly Wanted[])[]): Promise<readonly LedgerEvent[]> =>
    eventsSaying(view, searches);
  const isJsonl = dialect === "jsonl";
  return {
    dialect,
    nodes,
    releases: (repo, version) =>
      all([
        { name: "type", texts: ["ReleasePublished"] },
        version === undefined
          ? { name: "repo", texts: [repo] }
          : { name: "release", texts: [releaseTerm(repo, version)] },
      ]),
    near({ id, repo = "", version = "" }) {
      const own = releaseTerm(repo, version);
      return all([{ name: "release", texts: [own] }], [{ name: "about", texts: [id, own, releaseTerm(repo, "")] }]);
    },
    keyEvents: async () => (isJsonl ? all([{ name: "type", texts: ["KeyRotation", "KeyRevocation"] }]) : []),
    anchorEvents: async () => (isJsonl ? all([{ name: "about", texts: [anchorTerm] }]) : []),
    windows: (sha256) => windowsOf(view, source, sha256),
  };
}

interface Placed {
  readonly event: LedgerEvent;
  /** Number of the month, where each has a file. */
  readonly file: number;
  readonly offset: number;
}

/** Events that say everything of one of these lists, in file order, each once. */
async function eventsSaying(
  { form, partitions }: LedgerView,
  searches: readonly (readonly Wanted[])[],
): Promise<readonly LedgerEvent[]> {
  const found: Placed[] = [];
  for (const [number, { events }] of partitions.entries()) {
    const leaves = new Set<number>();
    for (const wanted of searches) for await (const leaf of leavesSaying(events, wanted)) leaves.add(leaf);
    for (const leaf of leaves) {
      const [offset = 0] = await events.offsets(leaf, leaf + 1);
      found.push({ event: await events.at(leaf), file: form === "lines" ? 0 : number, offset });
    }
  }
  return found.toSorted((a, b) => a.file - b.file || a.offset - b.offset).map(({ event }) => event);
}

/** The search rests now and then, and goes on here. */
async function* leavesSaying(events: PartitionView["events"], wanted: readonly Wanted[]): AsyncGenerator<number> {
  for (let from = 0; from < events.count;) {
    let next = events.count;
    for await (const { leaf, isHit } of searchEvents(events, wanted, from)) {
      if (isHit) yield leaf;
      else next = leaf;
    }
    from = next;
  }
}

/** Windows over the ids of all events: nothing else of them is read, or kept. */
async function windowsOf(view: LedgerView, source: LedgerSource, sha256: Sha256): Promise<AnchoredWindows> {
  const ids: Uint8Array[] = [];
  const offsets: number[] = [];
  for (const partition of view.partitions) {
    const own = (await idsInTiles(partition, source, sha256)) ?? (await idsScanned(view, partition, source));
    ids.push(own);
    if (view.form === "array") continue;
    for (const offset of await partition.events.offsets(0, own.length / 32)) offsets.push(offset);
  }
  const held = concatBytes(...ids);
  return anchoredWindows(orderOf(isAscending(offsets) ? held : sortedBy(offsets, held)), sha256);
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number >= (numbers[at - 1] ?? 0));
}

/** Late events stand in the list before or after those of other months. */
function sortedBy(offsets: readonly number[], ids: Uint8Array): Uint8Array {
  const order = Uint32Array.from(offsets.keys()).toSorted((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
  const sorted = new Uint8Array(ids.length);
  for (const [to, from] of order.entries()) sorted.set(ids.subarray(32 * from, 32 * from + 32), 32 * to);
  return sorted;
}

function orderOf(ids: Uint8Array): Parameters<typeof anchoredWindows>[0] {
  const known = new Map<string, number | undefined>();
  return {
    size: ids.length / 32,
    id: (position) => (32 * position < ids.length ? toHex(ids.subarray(32 * position, 32 * position + 32)) : undefined),
    position(id) {
      if (!known.has(id)) known.set(id, isHashHex(id) ? firstOf(ids, fromHex(id)) : undefined);
      return known.get(id);
    },
  };
}

function firstOf(ids: Uint8Array, wanted: Uint8Array): number | undefined {
  for (let start = 0; start < ids.length; start += 32) {
    let at = 0;
    while (at < 32 && ids[start + at] === wanted[at]) at++;
    if (at === 32) return start / 32;
  }
  return undefined;
}

/** Ids of a closed month as its tiles have them, if they make the root that was published. */
async function idsInTiles(
  { month, manifest, events }: PartitionView,
  { archive }: LedgerSource,
  sha256: Sha256,
): Promise<Uint8Array | undefined> {
  if (!manifest || manifest.count !== events.count) return undefined;
  const ids: Uint8Array[] = [];
  const tree = treeAccumulator(sha256);
  try {
    for (const tile of tilesOfSize(manifest.count)) {
      if (tile.level !== "entries") continue;
      const bytes = await archive.read(month, tilePath(tile));
      if (!bytes) return undefined;
      const entries = parseEntryBundle(bytes, tile.width);
      for (const entry of entries) tree.append(leafHash(entry, sha256));
      ids.push(concatBytes(...entries));
    }
  } catch (error) {
    if (error instanceof SettlementError && error.code === "TILE_MALFORMED") return undefined;
    throw error;
  }
  return toHex(tree.root()) === manifest.root ? concatBytes(...ids) : undefined;
}

async function idsScanned(view: LedgerView, { month }: PartitionView, { ledger }: LedgerSource): Promise<Uint8Array> {
  const ids: Uint8Array[] = [];
  for await (const { events, picks } of scanMonth(view, month, ledger)) {
    ids.push(concatBytes(...Array.from(picks, (at) => events.ids.subarray(32 * at, 32 * (at + 1)))));
  }
  return concatBytes(...ids);
}
