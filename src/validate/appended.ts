import { equalBytes } from "../core/bytes.ts";
import { linesIn } from "../core/event-chunks.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { nowhere } from "./finding.ts";
import { beginsAppended, closing, readGrown } from "./grown-file.ts";
import type { LedgerState } from "./ledger-state.ts";
import { type EventPath, readFrame, type ReadOptions } from "./read-ledger.ts";
import type { LedgerNow, Resumption } from "./resume.ts";

/** An earlier state to whose events others were appended, and nothing else. */
export interface AppendedTo {
  readonly base: LedgerState;
  /** Events that each file had, by its path now. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * What was appended to an earlier state. What has to be matched event by event, or to be searched for, is left to the
 * comparison of whole ledgers.
 *
 * @param resumption - tells of files without reading them
 * @returns undefined when the change is more than that
 */
export async function appendedTo(
  { frame, blocks }: Pick<LedgerNow, "frame" | "blocks">,
  baseTree: LedgerTree,
  resumption: Resumption | undefined,
  options: ReadOptions,
): Promise<AppendedTo | undefined> {
  const { eventPaths, ...rest } = await readFrame(baseTree, nowhere, options);
  const base: LedgerState = { ...rest, dialect: "monthly", files: [] };
  if (losesKeys(frame, base)) return undefined;
  const counts = new Map<string, number>();
  const now = new Map(frame.eventPaths.map((path) => [path.month, path]));
  const knownCount = await countsIn(base, resumption);
  for (const before of eventPaths) {
    const path = now.get(before.month);
    if (!path) return undefined;
    const count = knownCount(before, path) ?? (await countRead(path, await baseTree.read(before.path), base, blocks));
    if (count === undefined) return undefined;
    counts.set(path.path, count);
  }
  const isOneList = (paths: readonly EventPath[]): boolean => paths.some(({ month }) => month === "");
  if (eventPaths.length > 0 && isOneList(eventPaths) !== isOneList(frame.eventPaths)) return undefined;
  return { base, counts };
}

/** Counts of files that were at the milestone what they were in the earlier state, and only grew since. */
async function countsIn(
  base: LedgerState,
  resumption: Resumption | undefined,
): Promise<(before: EventPath, now: EventPath) => number | undefined> {
  if (!resumption) return () => undefined;
  const tags = await base.tags();
  const files = new Map(resumption.milestone.facts.files.map((file) => [file.path, file]));
  return (before, now) => {
    const known = files.get(now.path);
    const isLonger = resumption.grown.has(now.path) && isClosedIn(base, now);
    return known && known.tag !== null && known.tag === tags.get(before.path) && !isLonger ? known.count : undefined;
  };
}

function isClosedIn(base: LedgerState, { month }: EventPath): boolean {
  return month !== "" && base.tree.has(`${base.root}anchors/${month}/manifest.json`);
}

const lf = 0x0a;

/** Events of a file that are there as they were, before all others; undefined when that is not so or hard to see. */
async function countRead(
  path: EventPath,
  old: Uint8Array | undefined,
  base: LedgerState,
  blocks: LedgerNow["blocks"],
): Promise<number | undefined> {
  if (!old) return undefined;
  const isArray = path.month !== "";
  const isWhole = isArray ? Buffer.from(old.subarray(-closing.length)).equals(closing) : old.at(-1) === lf;
  if (old.length > 0 && !isWhole) return undefined;
  const kept = isArray ? old.subarray(0, -closing.length) : old;
  const isKept = (part: Uint8Array, at: number): boolean =>
    Buffer.compare(part, kept.subarray(at, at + part.length)) === 0;
  const found = await readGrown(blocks(path.path), kept.length, isKept);
  if (!found) return undefined;
  const isSame = found.length === old.length && (!isArray || found.next === closing[0]);
  // The bytes of a closed month are part of what was published.
  if (isClosedIn(base, path) && !isSame) return undefined;
  const count = linesIn(kept) - (isArray ? 1 : 0);
  const isAppended = !isArray || beginsAppended(found.next, count);
  return isSame || isAppended ? count : undefined;
}

/** Of a key that is gone it has to be found out which events it signed. */
function losesKeys({ nodes }: Pick<LedgerState, "nodes">, base: LedgerState): boolean {
  const now = new Map(nodes.flatMap(({ node }) => (node ? [[node.id, node] as const] : [])));
  return base.nodes.some(({ node: before }) => {
    const after = before && now.get(before.id);
    return before?.maintainers.some(
      (key) => !after?.maintainers.some(({ publicKey }) => equalBytes(publicKey, key.publicKey)),
    );
  });
}
