import type { LedgerTree } from "./find-ledger.ts";
import type { Report } from "./finding.ts";
import { type KnownText, type MilestoneStore, writeMilestone } from "./milestone.ts";
import type { FirstEvent } from "./read-chunks.ts";
import { isMuch, milestoneFacts, milestoneName, type Resumption } from "./resume.ts";
import type { StreamRun } from "./start-run.ts";

/** A run over fewer events takes no longer than going on from a milestone. */
const leastRemembered = 2000;

interface Setting {
  /** Undefined where this run sets none. */
  readonly store: MilestoneStore | undefined;
  readonly first: FirstEvent;
  readonly tree: LedgerTree;
  readonly least: number | undefined;
  readonly isFull: boolean;
}

/** Is something wrong with events, or with what was published of them? Then no milestone vouches for anything. */
export function isSuspect(run: StreamRun, { findings }: Report): boolean {
  const { ledger, closed } = run.context;
  const events = new Set(ledger.files.map(({ path }) => path));
  const isOfEvents = (file: string): boolean => events.has(file) || file.startsWith(`${ledger.root}anchors/`);
  const isClosedLonger = run.resumed !== undefined && closed.months.some(({ month }) => run.log.countOf(month) > 0);
  return isClosedLonger || findings.some(({ severity, file }) => severity === "error" || isOfEvents(file));
}

/**
 * Makes the state that was judged a milestone, where it is worth it and nothing is wrong with it. One that was gone on from
 * stays as long as it saves more than it costs; one that everything was judged without, and in vain, goes.
 */
export async function setMilestone(run: StreamRun, report: Report, setting: Setting): Promise<void> {
  const { store, first, tree, least = leastRemembered, isFull } = setting;
  if (!store || first.text === undefined) return;
  const name = milestoneName(first.text);
  const isBad = isSuspect(run, report);
  if ((isFull && isBad) || (run.resumed && isFarBehind(run, run.resumed))) store.remove(name);
  if (run.resumed || isBad || run.seen.events < least) return;
  const { seen, register, dialect, context, late } = run;
  const { ledger } = context;
  if (run.files.size !== ledger.files.length || register.size !== seen.events) return;
  const plain = [...ledger.tree.values()].filter(({ kind }) => kind === "file" || kind === "executable");
  const paths = plain.map(({ path }) => path);
  const tags = await tree.tags?.(paths);
  if (!tags) return;
  const { events, objects, monthly, latestUnixMs } = seen;
  const files = [...run.files].map(([path, { count, digest }]) => ({ path, count, kept: digest?.kept() ?? null }));
  const bytes = [...run.files.values()].reduce((sum, file) => sum + file.bytes, 0);
  const texts = late.map(({ place: { file, index, line }, text }): KnownText => ({ file, index, line, text }));
  const found = { dialect, files, bytes, events, objects, monthly, latestUnixMs, texts };
  const facts = milestoneFacts({ ...ledger, eventPaths: ledger.files }, found, tags);
  if (facts) writeMilestone(store, name, facts, register.list());
}

/** Was so much read that the next run had better set another one? */
function isFarBehind({ files }: StreamRun, { milestone }: Resumption): boolean {
  const read = [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return isMuch(read, milestone.facts.bytes);
}
