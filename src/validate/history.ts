import { equalBytes } from "../core/bytes.ts";
import type { LedgerEvent } from "../core/ledger-event.ts";
import type { ClosedMonths } from "./closed-months.ts";
import { monthOfPath } from "./find-ledger.ts";
import type { FindingSink } from "./finding.ts";
import { judgeFileHistory } from "./history-files.ts";
import { whyLate } from "./late-events.ts";
import type { Entry, EventFile, LedgerState } from "./ledger-state.ts";
import { type Match, matchEvents } from "./match-events.ts";

/** What became of an earlier state of the ledger. */
export interface History {
  /** Was the event added since, or altered? */
  isNew(entry: Entry): boolean;
  /** Events that were added to months which were closed before; each was told. */
  readonly late: ReadonlySet<LedgerEvent>;
}

interface Change {
  readonly ledger: LedgerState;
  readonly base: LedgerState;
  readonly closed: ClosedMonths;
  readonly match: Match;
  readonly sink: FindingSink;
  /** Files of events in the earlier state, by month. */
  readonly before: ReadonlyMap<string, EventFile>;
  /** Paths of those that are no files of events any more. */
  readonly gone: ReadonlySet<string>;
  /** Was a month closed in the earlier state? */
  wasClosed(month: string): boolean;
  readonly late: Set<LedgerEvent>;
}

/**
 * The change from the earlier state only appends: every event that was there is there, the same, in its file and in its
 * order, and new ones come after it. Events are compared by their canonical JSON: how an open month is formatted is
 * nearly no matter.
 */
export async function judgeHistory(
  ledger: LedgerState,
  base: LedgerState,
  closed: ClosedMonths,
  sink: FindingSink,
): Promise<History> {
  await judgeFileHistory(ledger, base, sink);
  if (base.files.length > 0 && ledger.files.length > 0 && ledger.dialect !== base.dialect) {
    const file = ledger.files[0]?.path ?? ".";
    sink.add("DIALECT_CHANGED", { file }, `the ledger was of the ${base.dialect} dialect, it is ${ledger.dialect} now`);
  }
  const match = matchEvents(ledger, base);
  const wasClosed = (month: string): boolean => base.tree.has(`${base.root}anchors/${month}/manifest.json`);
  const before = new Map(base.files.map((file) => [file.month, file]));
  const months = new Set(ledger.files.map(({ month }) => month));
  const gone = new Set(base.files.filter(({ month }) => !months.has(month)).map(({ path }) => path));
  const late = new Set<LedgerEvent>();
  const change: Change = { ledger, base, closed, match, before, gone, sink, wasClosed, late };
  for (const file of ledger.files) judgeFile(file, change);
  judgeLost(change);
  return { isNew: (entry) => !match.same.has(entry) && !match.moved.has(entry), late };
}

function judgeFile(file: EventFile, change: Change): void {
  const { match, sink, wasClosed } = change;
  const isClosed = file.month !== "" && wasClosed(file.month);
  const lastOld = file.entries.findLastIndex((entry) => match.same.has(entry) || match.altered.has(entry));
  let latest = -1;
  for (const [at, entry] of file.entries.entries()) {
    const [same, moved, altered] = [match.same.get(entry), match.moved.get(entry), match.altered.get(entry)];
    const position = same?.place.index ?? latest;
    if (same && position < latest) {
      sink.add(
        "EVENT_REORDERED",
        entry.place,
        `it was event ${position} of the file, before events that now come first`,
      );
    }
    latest = Math.max(latest, position);
    if (moved && !change.gone.has(moved.place.file)) {
      sink.add("EVENT_MOVED", entry.place, `it stood at ${moved.place.file}:${moved.place.line}`);
    }
    if (altered)
      sink.add(
        "EVENT_ALTERED",
        entry.place,
        `it is not what was accepted at ${altered.place.file}:${altered.place.line}`,
      );
    if (same || moved || altered || tellLate(entry, file, change)) continue;
    if (at < lastOld)
      sink.add(
        "EVENT_INSERTED",
        entry.place,
        `it stands before ${file.entries.length - at - 1} later events, accepted ones among them`,
      );
  }
  judgeFormat(file, isClosed, change);
}

/** Is a new event in a month that was closed before? Appended to a list it never is. */
function tellLate({ event, place }: Entry, file: EventFile, { closed, late, wasClosed, sink }: Change): boolean {
  const month = file.month === "" ? event && closed.monthOf(event) : file.month;
  if (month === undefined || !wasClosed(month)) return false;
  if (event) late.add(event);
  sink.add("EVENT_LATE", place, whyLate(month, closed));
  return true;
}

/** Of closed months not a byte changes; of open ones the text of accepted events may, and is told. */
function judgeFormat(file: EventFile, isClosed: boolean, { match, before, closed, sink, wasClosed }: Change): void {
  const old = before.get(file.month);
  const isWhole = old?.entries.length === file.entries.length && file.entries.every((entry) => match.same.has(entry));
  if (isClosed && old && isWhole && !equalBytes(old.bytes, file.bytes)) {
    sink.add(
      "MONTH_CLOSED_REWRITTEN",
      { file: file.path },
      `${file.month} is closed, and the bytes of its file changed`,
    );
  }
  if (isClosed) return;
  const rewritten = file.entries.filter((entry) => {
    const before = match.same.get(entry);
    return before !== undefined && before.text !== entry.text;
  });
  const inClosed = (entry: Entry): boolean => {
    const month = file.month === "" && entry.event ? closed.monthOf(entry.event) : undefined;
    return month !== undefined && wasClosed(month);
  };
  for (const entry of rewritten.filter(inClosed)) {
    sink.add("MONTH_CLOSED_REWRITTEN", entry.place, "it is in a closed month, and its text changed");
  }
  const open = rewritten.filter((entry) => !inClosed(entry));
  if (open[0]) {
    const others = open.length > 1 ? ` and ${open.length - 1} others` : "";
    sink.add(
      "MONTH_REFORMATTED",
      open[0].place,
      `this event${others}: written in another way than when accepted, the same in content`,
    );
  }
}

/** Events that are nowhere any more; of a file that is gone the file is told. */
function judgeLost({ ledger, base, match, sink }: Change): void {
  const paths = new Map(ledger.files.map(({ month, path }) => [month, path]));
  for (const entry of match.lost) {
    const file = paths.get(monthOfPath(entry.place.file.slice(base.root.length)) ?? "");
    if (file === undefined) continue;
    const { index, line } = entry.place;
    const id = entry.event?.id ?? "without a readable id";
    sink.add("EVENT_REMOVED", { file, index }, `event ${id}, which stood in line ${line} as number ${index}, is gone`);
  }
}
