import { equalBytes, toHex } from "../core/bytes.ts";
import { idBytes } from "../core/event.ts";
import type { Hash, Sha256 } from "../core/hash.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import { leafHash, treeAccumulator } from "../core/merkle.ts";
import type { Month } from "../core/month.ts";
import { receiptFacts } from "../core/receipt.ts";
import { fullWidth, tilePath, tileWidth } from "../core/tiles.ts";
import { type ClosedMonth, type ClosedMonths, type EventPartitions, leavesOf } from "./closed-months.ts";
import type { FindingSink } from "./finding.ts";
import { entriesOf, type LedgerState } from "./ledger-state.ts";

interface Means {
  readonly sha256: Sha256;
  readonly sink: FindingSink;
}

/** Why a month takes no more events, as far as what was published of it says. */
export function whyLate(month: Month, { months }: Pick<ClosedMonths, "months">): string {
  const published = months.find((closed) => closed.month === month);
  if (!published) return `${month} was closed before this event came`;
  const { manifest, receipt } = published;
  const facts = receipt && receiptFacts(receipt);
  const since = facts
    ? `the XRP Ledger witnessed it at ${facts.closeTime}, in ledger ${facts.ledgerIndex}`
    : "it is not anchored yet";
  const events = manifest.count === 1 ? "1 event" : `${manifest.count} events`;
  return `${month} was closed with ${events} before this one came; ${since}`;
}

/**
 * The months as they were closed. An event that came later is told at its own place and left out of its month, so that
 * what was published is judged by what was closed. Later came what was new to an earlier state that had the month closed,
 * and whatever else has to be left out so that the root in the manifest comes of the rest.
 *
 * @param known - late events that were told already
 */
export async function setLateApart(
  closed: EventPartitions,
  ledger: LedgerState,
  known: ReadonlySet<LedgerEvent>,
  means: Means,
): Promise<EventPartitions> {
  const partitions = new Map(closed.partitions);
  const leaves = new Map(closed.leaves);
  const late = new Set(known);
  for (const published of closed.months) {
    const events = partitions.get(published.month) ?? [];
    const others = events.filter((event) => !known.has(event));
    const kept = (await asClosed(published, others, ledger, means)) ?? others;
    if (kept.length === events.length) continue;
    const isKept = new Set(kept);
    for (const event of others) if (!isKept.has(event)) late.add(event);
    partitions.set(published.month, kept);
    leaves.set(published.month, leavesOf(kept));
  }
  if (late.size > known.size) {
    for (const { event, place } of entriesOf(ledger)) {
      const month = event && late.has(event) && !known.has(event) ? closed.monthOf(event) : undefined;
      if (month !== undefined) means.sink.add("EVENT_LATE", place, whyLate(month, closed));
    }
  }
  return { ...closed, partitions, leaves, late };
}

/** The events that make the root of the manifest, of more than it counts; undefined where that cannot be shown. */
async function asClosed(
  published: ClosedMonth,
  events: readonly LedgerEvent[],
  ledger: LedgerState,
  { sha256 }: Means,
): Promise<readonly LedgerEvent[] | undefined> {
  const { manifest } = published;
  if (events.length <= manifest.count) return undefined;
  const hashed = events.map((event) => ({ event, leaf: leafHash(idBytes(event.id), sha256) }));
  const found = pickLeaves(hashed, await closedLeaves(published, ledger));
  const candidates = found ? [found, hashed.slice(0, manifest.count)] : [hashed.slice(0, manifest.count)];
  const right = candidates.find((picked) => {
    const tree = treeAccumulator(sha256);
    for (const { leaf } of picked) tree.append(leaf);
    return toHex(tree.root()) === manifest.root;
  });
  return right?.map(({ event }) => event);
}

interface Hashed {
  readonly event: LedgerEvent;
  readonly leaf: Hash;
}

/** Of these events, in their order, those that have these leaves; undefined when one is missing. */
function pickLeaves(events: readonly Hashed[], leaves: readonly Uint8Array[] | undefined): Hashed[] | undefined {
  if (!leaves) return undefined;
  const picked: Hashed[] = [];
  for (const event of events) {
    const next = leaves[picked.length];
    if (next && equalBytes(event.leaf, next)) picked.push(event);
  }
  return picked.length === leaves.length ? picked : undefined;
}

/** Leaf hashes as the tiles of a month have them; undefined where a tile is missing. Nothing vouches for them. */
async function closedLeaves(
  { folder, manifest: { count } }: ClosedMonth,
  { tree, read }: LedgerState,
): Promise<Uint8Array[] | undefined> {
  const leaves: Uint8Array[] = [];
  for (let index = 0; index * fullWidth < count; index++) {
    const width = tileWidth(0, index, count);
    const path = folder + tilePath({ level: 0, index, width });
    const bytes = tree.get(path)?.kind === "file" ? await read(path) : undefined;
    if (bytes?.length !== 32 * width) return undefined;
    for (let at = 0; at < bytes.length; at += 32) leaves.push(bytes.subarray(at, at + 32));
  }
  return leaves;
}
