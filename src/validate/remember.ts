import type { LedgerTree } from "./find-ledger.ts";
import type { Report } from "./finding.ts";
import { type KnownText, type MilestoneStore, writeMilestone } from "./milestone.ts";
import type { FirstEvent } from "./read-chunks.ts";
import { milestoneFacts, milestoneName } from "./resume.ts";
import type { StreamRun } from "./start-run.ts";

/** A run over fewer events takes no longer than going on from a milestone. */
const leastRemembered = 2000;

/** File systems tell the time no finer than this, milliseconds. */
const clockGrainMs = 50;

export interface Remembering {
  readonly store: MilestoneStore;
  readonly first: FirstEvent;
  readonly tree: LedgerTree;
  /** When the run began: what changed since is not known. */
  readonly beganUnixMs: number;
  readonly least: number | undefined;
}

/** Is something wrong with events, or with what was published of them? Then no milestone vouches for anything. */
export function isSuspect(run: StreamRun, { findings }: Report): boolean {
  const { ledger, closed } = run.context;
  const events = new Set(ledger.files.map(({ path }) => path));
  const isOfEvents = (file: string): boolean => events.has(file) || file.startsWith(`${ledger.root}anchors/`);
  const isClosedLonger = run.resumed !== undefined && closed.months.some(({ month }) => run.log.countOf(month) > 0);
  return isClosedLonger || findings.some(({ severity, file }) => severity === "error" || isOfEvents(file));
}

/** Makes the state that was judged a milestone, where it is worth it and nothing is wrong with it. */
export async function remember(run: StreamRun, report: Report, remembering: Remembering): Promise<void> {
  const { store, first, tree, beganUnixMs, least = leastRemembered } = remembering;
  const { seen, register, dialect, context, late } = run;
  if (first.text === undefined || seen.events < least || isSuspect(run, report)) return;
  const { ledger } = context;
  if (run.files.size !== ledger.files.length || register.size !== seen.events) return;
  const plain = [...ledger.tree.values()].filter(({ kind }) => kind === "file" || kind === "executable");
  const paths = plain.map(({ path }) => path);
  const tags = await tree.tags?.(paths, beganUnixMs - clockGrainMs);
  if (!tags) return;
  const { events, objects, monthly, latestUnixMs } = seen;
  const files = [...run.files].map(([path, { count, digest }]) => ({ path, count, kept: digest?.kept() ?? null }));
  const bytes = [...run.files.values()].reduce((sum, file) => sum + file.bytes, 0);
  const texts = late.map(({ place: { file, index, line }, text }): KnownText => ({ file, index, line, text }));
  const found = { dialect, files, bytes, events, objects, monthly, latestUnixMs, texts };
  const facts = milestoneFacts({ ...ledger, eventPaths: ledger.files }, found, tags);
  if (facts) writeMilestone(store, milestoneName(first.text), facts, register.list());
}
