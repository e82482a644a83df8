import type { VerifySignature } from "../core/ed25519.ts";
import type { Sha256 } from "../core/hash.ts";
import type { Dialect } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import { treeHashing } from "../core/tree-hashing.ts";
import type { AppendedTo } from "./appended.ts";
import type { ClosedMonth } from "./closed-months.ts";
import { type EventRegister, eventRegister } from "./event-register.ts";
import { nowhere, type StagedFindings } from "./finding.ts";
import { clockOf, indexLedgerNodes, type JudgeOptions } from "./judge-ledger.ts";
import type { Entry, EventFile, LedgerState } from "./ledger-state.ts";
import type { MilestoneFacts } from "./milestone.ts";
import { type KnownDigests, type MonthLog, monthLog } from "./month-log.ts";
import { readEntry, readItem } from "./read-event.ts";
import type { LedgerFrame } from "./read-ledger.ts";
import type { KeptDigest, Resumption } from "./resume.ts";
import type { Readable, RuleContext } from "./rule.ts";
import { keySayings } from "./rules/key-events.ts";
import { judgeSignature, maxInquiries, type SignatureTally } from "./rules/signatures.ts";

/** In which order faults of one place stand. */
export const stages = { form: 0, history: 1, signature: 2, ledger: 3, events: 10 } as const;

/** One way through a ledger, events in order. */
export interface StreamRun {
  readonly dialect: Dialect;
  readonly means: { readonly verify: VerifySignature; readonly sha256: Sha256 };
  readonly findings: StagedFindings;
  readonly register: EventRegister;
  readonly log: MonthLog;
  readonly context: RuleContext;
  readonly tally: SignatureTally;
  /** Events that are judged again when all others are known. */
  readonly late: Readable[];
  readonly targets: { readonly place: Entry["place"]; readonly target: string }[];
  readonly appended: AppendedTo | undefined;
  /** Where it goes on, when not at the start. */
  readonly resumed: Resumption | undefined;
  /** What was read of each file. */
  readonly files: Map<string, FileRead>;
  /** Month of the event at hand. */
  month: Month;
  readonly seen: { events: number; objects: number; monthly: number; passedOver: number; latestUnixMs: number };
}

export interface FileRead {
  bytes: number;
  count: number;
  /** Of a file that may grow. */
  readonly digest: KeptDigest | undefined;
}

/** Lines of a file before its first event. */
export function linesBefore(month: Month | ""): number {
  return month === "" ? 0 : 1;
}

interface StreamLedger {
  readonly frame: LedgerFrame;
  readonly dialect: Dialect;
  readonly published: readonly ClosedMonth[];
  readonly unfindable: ReadonlySet<Month>;
  readonly findings: StagedFindings;
  readonly appended?: AppendedTo | undefined;
  readonly resumed?: Resumption | undefined;
}

export function streamRun(
  { frame, dialect, published, unfindable, findings, appended, resumed }: StreamLedger,
  options: JudgeOptions & { readonly digests?: KnownDigests },
): StreamRun {
  const { nowUnixMs, windows, verify, sha256, witnessedUnixMs = () => undefined } = options;
  const known = resumed?.milestone;
  const register = eventRegister(sha256, known?.known);
  const log = monthLog(published, unfindable, register, {
    digests: options.digests,
    isPastClosed: known !== undefined,
  });
  const files = frame.eventPaths.map(({ path, month }): EventFile => ({
    path,
    month,
    bytes: new Uint8Array(),
    entries: [],
  }));
  const ledger: LedgerState = { ...frame, dialect, files };
  const late: Readable[] = [];
  const run: StreamRun = {
    dialect,
    means: { verify, sha256 },
    findings,
    appended,
    resumed,
    files: new Map(),
    register,
    log,
    tally: { checked: 0, inquiries: maxInquiries },
    late,
    targets: [],
    month: "",
    seen: { events: 0, objects: 0, monthly: 0, passedOver: 0, latestUnixMs: -Infinity },
    context: {
      ledger,
      entries: late,
      nodes: indexLedgerNodes(ledger),
      closed: {
        months: published,
        leaves: new Map(),
        monthOf: () => (log.isClosed(run.month) ? run.month : undefined),
      },
      base: appended?.base,
      isNew: ({ place: { file, index } }) => appended !== undefined && index >= (appended.counts.get(file) ?? 0),
      signers: new Map(),
      signedIn: (month) => log.signedIn(month),
      memory: register.memory,
      clock: clockOf(nowUnixMs, windows),
      witnessedUnixMs,
      verify,
      sha256,
      hashing: options.hashing ?? treeHashing(sha256),
      sink: findings.at(stages.form),
    },
  };
  if (known) resume(run, known.facts);
  return run;
}

/** Takes over what was judged before. */
function resume(run: StreamRun, facts: MilestoneFacts): void {
  const { register, seen, context, late, dialect, means } = run;
  let start = 0;
  for (const { path, count } of facts.files) {
    const month = context.ledger.files.find((file) => file.path === path)?.month ?? "";
    register.openFile(path, linesBefore(month), start);
    start += count;
  }
  for (const { file, index, line, text } of facts.texts) {
    const item = readItem(file, { index, line, text }, nowhere);
    const { event, ...rest } = readEntry(dialect, item, { sink: nowhere, sha256: means.sha256 });
    if (!event) continue;
    const entry: Readable = { ...rest, event };
    judgeSignature(entry, { ...context, sink: nowhere }, run.tally);
    if (event.dialect === "jsonl") for (const saying of keySayings(entry)) register.memory.keys.add(saying);
    late.push(entry);
  }
  seen.events = facts.events;
  seen.objects = facts.objects;
  seen.monthly = facts.monthly;
  seen.passedOver = facts.events - facts.texts.length;
  seen.latestUnixMs = facts.latestUnixMs;
}
