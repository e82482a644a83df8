import { createHash, hash } from "node:crypto";
import type { LinesBefore } from "../core/event-chunks.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { TreeEntry } from "../ports.ts";
import type { AppendedTo } from "./appended.ts";
import { beginsAppended, closing, readGrown } from "./grown-file.ts";
import {
  type KnownEntry,
  type KnownFile,
  type Milestone,
  type MilestoneFacts,
  type MilestoneStore,
  openMilestone,
} from "./milestone.ts";
import type { FirstEvent } from "./read-chunks.ts";
import type { EventPath, LedgerFrame } from "./read-ledger.ts";
import { rulesVersion } from "./rules.ts";

/** More than this that was added, and a part of the whole as well, is judged on the way to the next milestone. */
const mostAddedBytes = 4_000_000;
const mostAddedPart = 0.05;

/** What a milestone has to agree with. */
export interface LedgerNow {
  readonly frame: LedgerFrame;
  readonly dialect: Dialect;
  readonly blocks: (path: string) => AsyncIterable<Uint8Array>;
}

/** A ledger that is judged from a milestone on. */
export interface Resumption {
  readonly milestone: Milestone;
  /** What of files that may have grown was judged; its other files are as they were. */
  readonly grown: ReadonlyMap<string, LinesBefore>;
}

/** Is so much added to so much, bytes, that the next milestone is due? */
export function isMuch(added: number, whole: number): boolean {
  return added > mostAddedBytes && added > mostAddedPart * whole;
}

/** Name of a ledger's milestone. @param first - its first event, as it is written */
export function milestoneName(first: string): string {
  return hash("sha256", `milestone\n${first}`, "hex");
}

/** The newest milestone of a ledger. */
export function findMilestone(store: MilestoneStore | undefined, { text }: FirstEvent): Milestone | undefined {
  return store && text !== undefined ? openMilestone(store, milestoneName(text)) : undefined;
}

/** Are there events that the milestone knows and an earlier state of the ledger did not? */
export function isBeforeMilestone({ milestone }: Resumption, appended: AppendedTo | undefined): boolean {
  const counts = appended?.counts;
  return counts !== undefined && milestone.facts.files.some(({ path, count }) => (counts.get(path) ?? 0) < count);
}

/** What a ledger is judged by beside its files. */
function basisOf({ root, policy }: Pick<LedgerFrame, "root" | "policy">): string {
  const sets = (_: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
  return JSON.stringify([rulesVersion, root, policy], sets);
}

/**
 * What is left to judge of a ledger when nothing happened since a milestone but that events were added: everything else
 * has the same tags, or the same bytes.
 *
 * @param aheadUnixMs - events later than this are ahead of the clock
 * @returns undefined when more has changed, or so much that the next milestone is due
 */
export async function resumptionOf(
  now: LedgerNow,
  milestone: Milestone,
  aheadUnixMs: number,
): Promise<Resumption | undefined> {
  const { facts } = milestone;
  const { frame, dialect } = now;
  const isSame = facts.basis === basisOf(frame) && facts.dialect === dialect && facts.latestUnixMs <= aheadUnixMs;
  if (!isSame) return undefined;
  const tags = await frame.tags();
  if (!areSame(facts.others, frame, tags)) return undefined;
  const paths = new Map(frame.eventPaths.map((path) => [path.path, path]));
  const grown = new Map<string, LinesBefore>();
  let added = 0;
  for (const known of facts.files) {
    const path = paths.get(known.path);
    if (!path) return undefined;
    if (known.tag !== null && tags.get(known.path) === known.tag) continue;
    const kept = await keptOf(known, path, now);
    if (!kept) return undefined;
    grown.set(known.path, kept);
    added += kept.addedBytes;
  }
  return isMuch(added, facts.bytes) ? undefined : { milestone, grown };
}

interface Kept extends LinesBefore {
  readonly addedBytes: number;
}

async function keptOf({ count, kept }: KnownFile, path: EventPath, { blocks }: LedgerNow): Promise<Kept | undefined> {
  if (!kept) return undefined;
  const isArray = path.month !== "";
  const digest = createHash("sha256");
  const isKept = (part: Uint8Array): boolean => {
    digest.update(part);
    return true;
  };
  const found = await readGrown(blocks(path.path), kept.bytes, isKept);
  if (!found || digest.digest("hex") !== kept.digest) return undefined;
  const isAppended = beginsAppended(found.next, count) || found.next === closing[0];
  if (isArray && !isAppended) return undefined;
  return { events: count, bytes: kept.bytes, addedBytes: found.length - kept.bytes };
}

function isPlain({ kind }: Pick<TreeEntry, "kind">): boolean {
  return kind === "file" || kind === "executable";
}

/** Every name of the ledger folder but those of files of events. */
function othersOf({ tree, eventPaths }: LedgerFrame): readonly TreeEntry[] {
  const events = new Set(eventPaths.map(({ path }) => path));
  return [...tree.values()].filter(({ path }) => !events.has(path));
}

function areSame(known: readonly KnownEntry[], frame: LedgerFrame, tags: ReadonlyMap<string, string>): boolean {
  const others = othersOf(frame);
  const entries = new Map(known.map((entry) => [entry.path, entry]));
  const isSame = ({ path, kind }: TreeEntry): boolean => {
    const before = entries.get(path);
    return before?.kind === kind && (before.tag ?? undefined) === tags.get(path);
  };
  return others.length === known.length && others.every(isSame);
}

/** What was found out while the ledger was judged. */
interface Found extends Omit<MilestoneFacts, "basis" | "files" | "others"> {
  readonly files: readonly Omit<KnownFile, "tag">[];
}

/**
 * What is to be known of a ledger to go on from here.
 *
 * @param tags - of files that were the same all the while
 * @returns undefined when of some file it could not be told whether it has changed
 */
export function milestoneFacts(
  frame: LedgerFrame,
  { files, ...found }: Found,
  tags: ReadonlyMap<string, string>,
): MilestoneFacts | undefined {
  const known = files.map((file): KnownFile => ({ ...file, tag: tags.get(file.path) ?? null }));
  const others = othersOf(frame).map(({ path, kind }): KnownEntry => ({ path, kind, tag: tags.get(path) ?? null }));
  const isUnsure = known.some(({ tag, kept }) => tag === null && kept === null);
  if (isUnsure || others.some((entry) => isPlain(entry) && entry.tag === null)) return undefined;
  return { ...found, basis: basisOf(frame), files: known, others };
}

/** SHA-256 of the bytes of a file before its closing bracket, while it is read. */
export interface KeptDigest {
  update(block: Uint8Array): void;
  kept(): NonNullable<KnownFile["kept"]>;
}

export function keptDigest(isArray: boolean): KeptDigest {
  const digest = createHash("sha256");
  let bytes = 0;
  let back: Uint8Array = new Uint8Array();
  return {
    update(block) {
      const all = back.length === 0 ? block : Buffer.concat([back, block]);
      const end = Math.max(0, all.length - (isArray ? closing.length : 0));
      digest.update(all.subarray(0, end));
      bytes += end;
      back = all.slice(end);
    },
    kept: () => ({ bytes, digest: digest.copy().digest("hex") }),
  };
}
