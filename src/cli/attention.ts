import type { WorkerStatus } from "../compose-observe.ts";
import type { MonthStatus, NextClose } from "../settle/node-status.ts";
import { runbookSection, type Section } from "./advice.ts";
import { type Disk, diskText } from "./disk.ts";

/** Something that a human should know, and where it says what to do. */
export interface Attention {
  /** Months it is about, ascending; none where it is about the node. */
  readonly months: readonly string[];
  /** Its code, a colon and what is wrong; or a sentence. */
  readonly text: string;
  readonly code: string | null;
  /** Heading in docs/runbook.md. */
  readonly section: string | null;
}

/** A node that was not heard of for so long is not running any more, or does not get on. */
const silenceMs = 60_000;

export function isSilent({ heardUnixMs }: WorkerStatus, nowUnixMs: number): boolean {
  return nowUnixMs - heardUnixMs > silenceMs;
}

interface Told {
  readonly month?: string | undefined;
  readonly text: string;
  readonly section?: Section;
}

function ofMonth({ month, state, reason, events, published }: MonthStatus): Told[] {
  if (state === "damaged") {
    const text = `LEDGER_REFUTED: ${published ?? 0} events were published, the ledger holds ${events}; settlement validate says more`;
    return [{ month, text }];
  }
  return reason === null ? [] : [{ month, text: reason }];
}

/** Work that nobody does. */
function undone({ months, next }: Known): Told[] {
  const [overdue, closed] = [next?.overdue ?? 0, months.filter(({ state }) => state === "closed").length];
  const what = [
    ...(overdue === 0 ? [] : [`${monthsAre(overdue)} over and open`]),
    ...(closed === 0 ? [] : [`${monthsAre(closed)} closed and not anchored`]),
  ];
  if (what.length === 0) return [];
  return [{ text: `no worker runs on this data folder, and ${what.join(", ")}`, section: stuck }];
}

function monthsAre(count: number): string {
  return count === 1 ? "1 month is" : `${count} months are`;
}

function ofWorker(known: Known, nowUnixMs: number): Told[] {
  const { worker } = known;
  if (!worker) return undone(known);
  const told = worker.attention.map((line): Told => {
    const [, month, text = line] = /^(\d{4}-\d{2}): (.*)$/s.exec(line) ?? [];
    return { month, text };
  });
  if (worker.paused)
    told.unshift({ text: "paused: nothing is closed or anchored until it is resumed", section: stuck });
  if (isSilent(worker, nowUnixMs))
    told.unshift({
      text: `process ${worker.pid} gives no sign of life; look at the log, and start it again`,
      section: stuck,
    });
  return told;
}

const stuck: Section = "The worker is down, paused or stuck";

function ofDisks(disks: readonly Disk[]): Told[] {
  return disks
    .filter(({ isLow }) => isLow)
    .map((disk) => ({ text: `${diskText(disk)}: make room`, section: "The disk is full" }));
}

function codeOf(text: string): string | null {
  return /^([A-Z][A-Z\d]*(?:_[A-Z\d]+)+): /.exec(text)?.[1] ?? null;
}

export interface Known {
  readonly months: readonly MonthStatus[];
  readonly next: NextClose | undefined;
  readonly worker: WorkerStatus | undefined;
  readonly disks: readonly Disk[];
}

/** What a human should know: the same trouble of several months is told once. */
export function attentionOf(known: Known, nowUnixMs: number): readonly Attention[] {
  const worker = ofWorker(known, nowUnixMs);
  const told = [...ofDisks(known.disks), ...worker.filter(({ month }) => month === undefined)];
  const monthly = [...known.months.flatMap(ofMonth), ...worker.filter(({ month }) => month !== undefined)];
  const groups = new Map<string, { months: Set<string>; last: Told }>();
  for (const one of [...monthly, ...told]) {
    const code = codeOf(one.text);
    // What the node meets as a whole, its months have met as well.
    if (one.month === undefined && code !== null && monthly.some(({ text }) => codeOf(text) === code)) continue;
    // A reason may count or date itself; the same trouble with other numbers is not another.
    const key = one.text.replace(/\d+/g, "0");
    const group = groups.get(key) ?? { months: new Set(), last: one };
    if (one.month !== undefined) group.months.add(one.month);
    groups.set(key, { ...group, last: one });
  }
  return Array.from(groups.values(), ({ months: about, last: { text, section } }) => {
    const code = codeOf(text);
    return { months: [...about].toSorted(), text, code, section: section ?? runbookSection(code ?? undefined) ?? null };
  });
}
